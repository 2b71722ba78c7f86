// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRange } from './address-range.ts'

describe('A range of addresses', () => {
  it('has one spelling, whose bits beyond the prefix are cleared', () => {
    for (const [text, expected] of [
      ['192.0.2.0/24', '192.0.2.0/24'],
      ['192.0.2.77/26', '192.0.2.64/26'],
      ['192.0.2.77', '192.0.2.77/32'],
      ['2001:DB8:0:0::/32', '2001:db8::/32'],
      ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
      ['::1', '::1/128'],
    ] as const)
      assert.equal(parseRange(text)?.text, expected)
  })

  it('is never everybody, nor what cannot be read', () => {
    for (const text of [
      ...['', '/24', '192.0.2.0/', '192.0.2.0/0', '192.0.2.0/33', '192.0.2.0/-1', '192.0.2/24'],
      ...['192.0.2.0/24/8', '192.0.2.0/2e1', '::/0', '2001:db8::/129', 'fe80::1%eth0/64'],
      ...['::ffff:192.0.2.0/120', 'mx.example.net', '192.0.2.0 /24'],
    ])
      assert.equal(parseRange(text), null, text)
  })
})
