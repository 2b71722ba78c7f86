// SPDX-License-Identifier: Apache-2.0
/** Who changed what: by people, keys and the command line, and never a secret. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { AuditAnswer } from '../../src/api/resources/audit.ts'
import type { ApiBrowser } from '../support/api-browser.ts'
import { invite, loggedIn, PASSWORD } from '../support/people.ts'
import { RunningRelay } from '../support/running-relay.ts'

let relay: RunningRelay
let owner: ApiBrowser

before(async () => {
  relay = await RunningRelay.start({
    commands: [
      ['tenant', 'add', 'acme'],
      ['tenant', 'add', 'beta'],
    ],
  })
  await invite(relay, 'owner@acme.example', '--role', 'owner', '--tenant', 'acme')
  owner = await loggedIn(relay, 'owner@acme.example')
})

after(() => relay[Symbol.asyncDispose]())

async function entries(query = ''): Promise<readonly AuditAnswer[]> {
  return (await owner.must('GET', `/audit?limit=500${query}`)).items
}

describe('The audit log', () => {
  it('has the record before and after each change, with who and from where', async () => {
    await owner.must('POST', '/streams', { name: 'news', kind: 'bulk' })
    await owner.must('PATCH', '/streams/news', { priority: 7 })
    await owner.must('DELETE', '/streams/news')
    const [removed, changed, added] = await entries()
    const all = [added, changed, removed]
    assert.deepEqual(
      all.map((entry) => [entry?.action, entry?.target, entry?.tenant]),
      [
        ['streams.add', 'news', 'acme'],
        ['streams.change', 'news', 'acme'],
        ['streams.remove', 'news', 'acme'],
      ],
    )
    for (const entry of all) {
      const { address, kind, name } = entry?.actor ?? {}
      assert.deepEqual([kind, name, address], ['person', 'owner@acme.example', '127.0.0.1'])
    }
    const priorities = all.map((entry) =>
      [entry?.before, entry?.after].map((record) => (record as { priority?: number })?.priority),
    )
    assert.deepEqual(priorities, [
      [undefined, 5],
      [5, 7],
      [7, undefined],
    ])
  })

  it('numbers nothing over all tenants, and goes on page by page', async () => {
    const ids = new Set<string>()
    for (let cursor = '', pages = 0; pages < 3; pages++) {
      const page = await owner.must('GET', `/audit?limit=1&cursor=${cursor}`)
      ids.add(page.items[0].id)
      cursor = page.nextCursor
      ids.add(String(Buffer.from(cursor, 'base64url')))
    }
    assert.equal(ids.size, 3)
    for (const id of ids) assert.match(id, /^[0-9A-Z]{26}$/)
  })

  it('has keys and the command line too, also of one that worked before the relay ran', async () => {
    const { id, secret } = await owner.must('POST', '/keys', { label: 'shop', scopes: ['setup'] })
    const made = await relay.ask('POST', '/credentials', secret, { label: 'x' })
    assert.equal(made.status, 201)
    const [byKey] = await entries(`&actor=${id}`)
    assert.deepEqual([byKey?.action, byKey?.actor.name], ['credentials.add', 'shop'])
    const all = (await relay.json('audit', 'list', '--limit', '500')) as AuditAnswer[]
    const local = all.filter(({ action }) => action === 'tenants.add')
    assert.deepEqual(
      local.map(({ actor, target }) => [actor.kind, target]),
      [
        ['local', 'beta'],
        ['local', 'acme'],
      ],
    )
  })

  it('says who logged in and who set a password, and never what refused requests would have done', async () => {
    const before = (await entries()).length
    await owner.ask('DELETE', '/streams/none')
    await owner.ask('POST', '/tenants', { id: 'mine' })
    await owner.login('owner@acme.example', 'wrong')
    assert.equal((await entries()).length, before)
    const actions = (await entries('&action=session.begin')).map(({ actor }) => actor.name)
    assert.deepEqual(actions, ['owner@acme.example'])
    const [set] = await entries('&action=session.setPassword')
    assert.equal(set?.actor.name, 'owner@acme.example')
  })

  it('keeps no secret, nor an address that somebody may want erased', async () => {
    const secrets = [PASSWORD]
    const keep = (body: Record<string, string>) => {
      secrets.push(...['secret', 'token'].flatMap((name) => body[name] ?? []))
      return body
    }
    keep(await owner.must('POST', '/credentials', { label: 'x' }))
    keep(await owner.must('POST', '/keys', { label: 'x', scopes: ['read'] }))
    const person = keep(
      await owner.must('POST', '/people', { email: 'b@acme.example', role: 'reader' }),
    )
    keep(await owner.must('POST', `/people/${person['id']}/reset`, {}))
    await owner.must('POST', '/suppressions', { entries: [{ address: 'ann@erase.example' }] })
    assert.ok(secrets.length >= 5)
    const file = readFileSync(join(relay.dataDir, 'store.sqlite-wal'), 'latin1')
    assert.ok(file.includes('people.reset'), 'the log is in it')
    const text = JSON.stringify(await entries())
    assert.ok(text.includes('suppressions.add'))
    for (const secret of [...secrets, 'ann@erase.example'])
      assert.ok(!text.includes(secret), secret)
    for (const secret of secrets) assert.ok(!file.includes(secret), 'nor is it in the records')
    for (const secret of secrets) assert.ok(!relay.log.includes(secret), 'nor in the log')
  })

  it('is read page by page, each entry once, and of a tenant by its owners alone', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await owner.must('GET', `/audit?limit=3&cursor=${cursor}`)
      seen.push(...page.items.map(({ id }: AuditAnswer) => id))
      cursor = page.nextCursor ?? ''
    } while (cursor !== '')
    assert.deepEqual(
      seen,
      (await entries()).map(({ id }) => id),
    )
    assert.ok((await entries()).every(({ tenant }) => tenant === 'acme'))
    await invite(relay, 'owner@beta.example', '--role', 'owner', '--tenant', 'beta')
    const beta = await loggedIn(relay, 'owner@beta.example')
    const { items } = await beta.must('GET', '/audit?limit=500')
    assert.ok(items.length > 0)
    assert.ok(items.every(({ tenant }: AuditAnswer) => tenant === 'beta'))
    assert.equal((await beta.ask('GET', '/audit?tenant=acme')).status, 404)
  })
})
