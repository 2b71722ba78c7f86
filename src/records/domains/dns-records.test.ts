// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleDomain, sampleKey } from '../../../test/support/sample-domains.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import { dnsRecordsOf, zoneText } from './dns-records.ts'

const domain = sampleDomain()
const rsa = sampleKey({ selector: 'ph2026a', publicKey: 'A'.repeat(392) })
const ed25519 = sampleKey({
  selector: 'ph2026b',
  algorithm: 'ed25519-sha256',
  publicKey: 'ABC=',
})
const host = { hostname: 'relay.example.net', addresses: [] }

describe('the DNS records of a domain', () => {
  const records = dnsRecordsOf(domain, [rsa, ed25519], host)

  it('are two keys, the return path with its SPF, DMARC, whose it is, and where links lead', () => {
    assert.deepEqual(
      records.map(({ name, type, value }) => `${name} ${type} ${value}`),
      [
        `ph2026a._domainkey.example.com TXT v=DKIM1; k=rsa; p=${rsa.publicKey}`,
        'ph2026b._domainkey.example.com TXT v=DKIM1; k=ed25519; p=ABC=',
        'bounce.example.com MX 10 relay.example.net',
        'bounce.example.com TXT v=spf1 a:relay.example.net -all',
        '_dmarc.example.com TXT v=DMARC1; p=none; rua=mailto:postmaster@bounce.example.com',
        `_posthaste.example.com TXT posthaste-domain=${domain.ownershipToken}`,
        'click.example.com CNAME relay.example.net',
      ],
    )
  })

  it('ask for DMARC reports where no consent is needed', () => {
    const elsewhere = sampleDomain('example.com', { returnPathDomain: 'b.example.net' as Domain })
    const dmarc = dnsRecordsOf(elsewhere, [], host).find(({ about }) => about === 'dmarc')
    assert.match(dmarc?.value ?? '', /rua=mailto:postmaster@example\.com$/)
  })

  it('name the addresses of sources where they are known', () => {
    const addresses = ['192.0.2.1', '2001:db8::1']
    const spf = dnsRecordsOf(domain, [], { ...host, addresses }).find(
      ({ about }) => about === 'spf',
    )
    assert.equal(spf?.value, 'v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all')
  })

  it('are zone-file lines with strings of at most 255 octets that join to the value', () => {
    const zone = zoneText(records)
    const entries = zone.replace(/^;.*$/gm, '').split(/\n\n/)
    assert.equal(entries.length, records.length)
    for (const [at, entry] of entries.entries()) {
      const record = records[at]
      assert.ok(record && entry.trim().startsWith(`${record.name}. 3600 IN ${record.type} `))
      if (record.type !== 'TXT') {
        assert.ok(entry.trim().endsWith(' relay.example.net.'))
        continue
      }
      const strings = [...entry.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '')
      assert.ok(strings.every((string) => string.length <= 255))
      assert.equal(strings.join(''), record.value)
      assert.equal(entry.includes('('), strings.length > 1, 'several lines are in parentheses')
    }
  })
})
