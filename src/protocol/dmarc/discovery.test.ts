// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoverDmarc, parseDmarc } from './discovery.ts'

/** Asks a zone, and keeps what was asked for. */
function zoneOf(zone: Readonly<Record<string, readonly string[] | null>>) {
  const asked: string[] = []
  return {
    asked,
    lookUp: async (name: string) => {
      asked.push(name)
      const texts = zone[name]
      return texts === undefined ? [] : texts
    },
  }
}

async function found(domain: string, zone: Parameters<typeof zoneOf>[0]) {
  const answer = await discoverDmarc(zoneOf(zone).lookUp, domain)
  if (answer.kind !== 'found')
    return answer.kind === 'none' ? ['none', answer.organizationalDomain] : ['failed', answer.name]
  return [answer.record.domain, answer.action, answer.organizationalDomain]
}

test('The record of the domain itself holds, else that of its organisation with what it says of names below', async () => {
  const zone = {
    '_dmarc.example.com': ['v=DMARC1; p=reject; sp=quarantine'],
    '_dmarc.news.example.com': ['v=DMARC1; p=none'],
  }
  assert.deepEqual(await found('example.com', zone), ['example.com', 'reject', 'example.com'])
  assert.deepEqual(await found('news.example.com', zone), [
    'news.example.com',
    'none',
    'example.com',
  ])
  assert.deepEqual(await found('a.b.example.com', zone), [
    'example.com',
    'quarantine',
    'example.com',
  ])
})

test('A suffix says so, and the organisation is one label below it; an organisation may say that it is one', async () => {
  const suffix = { '_dmarc.gov.example': ['v=DMARC1; p=reject; psd=y'] }
  assert.deepEqual(await found('mail.city.gov.example', suffix), [
    'gov.example',
    'reject',
    'city.gov.example',
  ])
  const own = {
    '_dmarc.branch.example.com': ['v=DMARC1; p=none; psd=n'],
    '_dmarc.example.com': ['v=DMARC1; p=reject'],
  }
  assert.deepEqual(await found('a.branch.example.com', own), [
    'branch.example.com',
    'none',
    'branch.example.com',
  ])
})

test('Without a record a domain is its own organisation; a DNS that fails says nothing', async () => {
  assert.deepEqual(await found('a.example.com', {}), ['none', 'a.example.com'])
  assert.deepEqual(await found('a.example.com', { '_dmarc.example.com': null }), [
    'failed',
    '_dmarc.example.com',
  ])
})

test('A long name costs at most eight questions', async () => {
  const { asked, lookUp } = zoneOf({})
  await discoverDmarc(lookUp, 'a.b.c.d.e.f.g.h.i.j.mail.example.com')
  assert.equal(asked.length, 8)
  assert.equal(asked[1], '_dmarc.g.h.i.j.mail.example.com')
  assert.equal(asked.at(-1), '_dmarc.com')
})

test('What is no record, or is there twice, is none; a broken one with somebody to report to asks for nothing else', async () => {
  for (const texts of [
    ['v=DMARC2; p=none'],
    ['p=none; v=DMARC1'],
    ['v=DMARC1; p=none', 'v=DMARC1; p=reject'],
    ['v=DMARC1; p=nonsense'],
  ])
    assert.deepEqual(await found('example.com', { '_dmarc.example.com': texts }), [
      'none',
      'example.com',
    ])
  const broken = parseDmarc(
    'example.com',
    'v=DMARC1; p=reject; sp=odd; rua=mailto:d@example.com; t=y',
  )
  assert.deepEqual([broken?.action, broken?.actionBelow, broken?.isTest], ['none', 'none', true])
})
