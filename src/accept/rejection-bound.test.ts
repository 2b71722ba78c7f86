// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seconds } from '../base/brand.ts'
import { gateLimits } from '../base/limits/gate-limits.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { RejectionBound } from './rejection-bound.ts'

const MOST = gateLimits.rejectionsPerMinute

test('A tenant whose mail is refused without end makes so many events a minute; the rest is counted in the log', async () => {
  const clock = new ManualClock()
  const told: object[] = []
  const bound = new RejectionBound(clock, { ...silentLog, warn: (facts) => void told.push(facts) })
  const taken = (tenant: string | null, times: number) =>
    Array.from({ length: times }, () => bound.take(tenant)).filter(Boolean).length
  assert.equal(taken('flood', MOST + 300), MOST)
  assert.equal(taken('quiet', 3), 3, 'another tenant has its own')
  assert.equal(taken(null, 2), 2)
  await clock.advance(seconds(59))
  assert.equal(taken('flood', 5), 0)
  await clock.advance(seconds(1))
  assert.equal(taken('flood', 5), 5)
  assert.deepEqual(told, [{ tenant: 'flood', over: 305 }])
})

test('Of too many tenants the one that began first begins anew', () => {
  const clock = new ManualClock()
  const bound = new RejectionBound(clock, silentLog)
  for (let count = 0; count < MOST; count++) bound.take('first')
  assert.equal(bound.take('first'), false)
  for (let other = 0; other <= gateLimits.rejectingTenants; other++) bound.take(`t${other}`)
  assert.equal(bound.take('first'), true)
})
