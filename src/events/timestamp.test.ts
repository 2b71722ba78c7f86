// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instant } from '../base/brand.ts'
import { SystemRandom } from '../base/random.ts'
import { timestampOf } from './event.ts'
import { journalId, newMessageId, receivedAtOf } from './ids.ts'

test('A timestamp is that of RFC 3339 with milliseconds, whichever was written before it', () => {
  const at = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ max: 253_402_300_799_999 }))
  const times = fc.array(
    fc.oneof(
      at,
      at.map((whole) => whole + 0.25),
    ),
  )
  fc.assert(
    fc.property(times, (all) => {
      for (const time of all) assert.equal(timestampOf(time), new Date(time).toISOString())
    }),
  )
  assert.throws(() => timestampOf(Number.NaN), RangeError)
})

test('A message id tells when its message was received', () => {
  const random = new SystemRandom()
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (at) => {
      const id = newMessageId(instant(at), journalId(7), random)
      assert.equal(receivedAtOf(id), at)
    }),
  )
})
