// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress, isIpv4, isIpv6 } from './ip-address.ts'

const pieces = fc.constantFrom(
  ...['0', '1', '255', '256', '01', 'ffff', 'abcde', '.', ':', '::', '192.0.2.1', 'g', ' ', ''],
)

test('An address is what Node takes for one', () => {
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 17 }).map((parts) => parts.join('')),
    fc.ipV4(),
    fc.ipV6(),
  )
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(isIpv4(text), isIP(text) === 4, text)
      assert.equal(isIpv6(text), isIP(text) === 6, text)
    }),
    { numRuns: 20_000 },
  )
})

for (const [address, canonical] of [
  ['192.0.2.1', '192.0.2.1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['::1', '::1'],
] as const)
  test(`${address} is spelt ${canonical}`, () => {
    assert.equal(canonicalAddress(address), canonical)
  })
