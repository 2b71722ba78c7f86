// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reverseName } from './reverse-name.ts'

const cases: Record<string, string | null> = {
  '192.0.2.1': '1.2.0.192.in-addr.arpa',
  '2001:db8::567:89ab': 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  '::1': `1.${'0.'.repeat(31)}ip6.arpa`,
  '::': `${'0.'.repeat(32)}ip6.arpa`,
  '1::': `${'0.'.repeat(28)}1.0.0.0.ip6.arpa`,
  '::ffff:192.0.2.1': `1.0.2.0.0.0.0.c.f.f.f.f.${'0.'.repeat(20)}ip6.arpa`,
  '1:2:3:4:5:6:7:8': '8.0.0.0.7.0.0.0.6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.ip6.arpa',
  'fe80::1%eth0': null,
  'example.org': null,
  '': null,
}

test('an address has one name in reverse', () => {
  for (const [address, name] of Object.entries(cases)) assert.equal(reverseName(address), name)
})
