// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleDomain } from '../../../test/support/sample-domains.ts'
import type { Directory } from '../directory.ts'
import type { SendingDomain } from '../records.ts'
import { LinkHosts } from './link-hosts.ts'

const verified = sampleDomain('shop.example', { state: 'verified', lacks: [] })

function hostsOf(domain: SendingDomain, isCertified = true, url = 'https://links.example') {
  const directory = { domains: new Map([[domain.name, domain]]) } as unknown as Directory
  return new LinkHosts({ url, directory: () => directory, isCertified: () => isCertified })
}

test('Links of a domain lead to its own host where the DNS has it and a certificate is there', () => {
  const link = (domain: SendingDomain, isCertified?: boolean) =>
    hostsOf(domain, isCertified).linkOf(domain, 'u', 'word')
  assert.equal(link(verified), 'https://click.shop.example/u/word')
  const elsewhere = 'https://links.example/u/word/shop.example'
  assert.equal(link(verified, false), elsewhere)
  assert.equal(link({ ...verified, lacks: ['tracking'] }), elsewhere)
  assert.equal(link({ ...verified, state: 'failing' }), elsewhere)
})

test('They have the port that the relay itself is found by', () => {
  const hosts = hostsOf(verified, true, 'https://links.example:8443')
  assert.equal(hosts.linkOf(verified, 'u', 'word'), 'https://click.shop.example:8443/u/word')
  assert.deepEqual(hosts.whose('links.example:8443'), { kind: 'relay' })
})

test('Links that are out there lead on when their domain begins to fail', () => {
  const failing = { ...verified, state: 'failing' } as const
  assert.deepEqual(hostsOf(failing).whose('Click.Shop.example'), {
    kind: 'domain',
    domain: failing,
  })
  assert.equal(hostsOf({ ...verified, state: 'pending' }).whose('click.shop.example'), null)
})
