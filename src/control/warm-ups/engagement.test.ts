// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Keyring } from '../../base/keyring.ts'
import { engagementLimits } from '../../base/limits/engagement-limits.ts'
import { SeededRandom } from '../../base/random.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import type { EngagementRecords } from '../../records/engagement.ts'
import { Engagement } from './engagement.ts'

test('What is old, and the oldest beyond the bound, is forgotten in steps, once a day', async () => {
  const { forgottenTogether: step, kept, keptDays } = engagementLimits
  const keyring = new Keyring(new Map([[1, Buffer.alloc(32, 1)]]), new SeededRandom(1))
  const known = new Engagement(new AddressHasher(keyring))
  let old = step + 5
  let all = kept + step + 3 + old
  const asked: [number | null, number][] = []
  const engagement = {
    size: async () => all,
    forget: async (day: number | null, limit: number) => {
      asked.push([day, limit])
      const forgotten = Math.min(limit, day === null ? all : old)
      if (day !== null) old -= forgotten
      all -= forgotten
      return forgotten
    },
  } as unknown as EngagementRecords
  await known.sweep({ engagement }, 1_000)
  await known.sweep({ engagement }, 1_000)
  const day = 1_000 - keptDays
  assert.deepEqual(asked, [
    [day, step],
    [day, step],
    [null, step],
    [null, 3],
  ])
  assert.equal(all, kept)
  await known.sweep({ engagement }, 1_001)
  assert.equal(asked.length, 5)
})
