// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { micros, ms } from '../../base/brand.ts'
import type { RateLimit } from '../../base/quantity.ts'
import { Gcra, paceOf, slackOf } from './gcra.ts'

const limits = fc.record({
  count: fc.integer({ min: 1, max: 5_000 }),
  per: fc.constantFrom(ms(1_000), ms(60_000), ms(3_600_000), ms(86_400_000)),
  burst: fc.integer({ min: 1, max: 50 }),
})

/** The fullest window of `per`, wherever it begins. */
function fullest(times: readonly number[], { per }: RateLimit): number {
  let first = 0
  let most = 0
  for (const [last, at] of times.entries()) {
    while (at - (times[first] ?? at) >= per * 1_000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

describe('A rate', () => {
  it('lets no window of its period hold more than the limit, with burst 1, nor than count + burst − 1', () => {
    const waits = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000_000 })), {
      minLength: 50,
      maxLength: 300,
    })
    fc.assert(
      fc.property(limits, waits, fc.integer({ min: 1, max: 1e12 }), (limit, idle, start) => {
        const meter = new Gcra(paceOf(limit, slackOf(limit)))
        const times: number[] = []
        let now = start
        for (const wait of idle) {
          now = Math.max(now + wait, meter.nextAt)
          for (let more = 0; more < 40; more++) {
            if (meter.nextAt > now) break
            meter.take(micros(now))
            times.push(now)
          }
        }
        assert.ok(fullest(times, limit) <= limit.count + limit.burst - 1)
      }),
    )
  })

  it('is used to at least 98 % where it is 60 a period or more, though each one goes a little late', () => {
    for (const [count, per] of [
      [60, 1_000],
      [100, 1_000],
      [60, 60_000],
      [7_919, 3_600_000],
    ] as const) {
      const limit = { count, per: ms(per), burst: 1 }
      const meter = new Gcra(paceOf(limit, slackOf(limit)))
      const end = 20 * per * 1_000
      let sent = 0
      for (let now = 0; now < end; sent++) {
        now = Math.max(now, meter.nextAt) + 1_500
        meter.take(micros(now))
      }
      assert.ok(sent / (20 * count) >= 0.98, `${sent} of ${20 * count}`)
    }
  })

  it('loses nothing to whole microseconds, however the period divides', () => {
    const limit = { count: 7, per: ms(1_000), burst: 1 }
    const meter = new Gcra(paceOf(limit, micros(0)))
    meter.take(micros(0))
    for (let more = 0; more < 7 * 1_000; more++) meter.take(meter.nextAt)
    assert.equal(meter.nextAt, 1_050_000 * 1_000 + 150_000)
  })

  it('is fresh again when nothing that it remembers matters', () => {
    const limit = { count: 1, per: ms(1_000), burst: 1 }
    const meter = new Gcra(paceOf(limit, slackOf(limit)))
    meter.take(micros(0))
    assert.equal(meter.isFreshAt(micros(1_000_000)), false)
    assert.equal(meter.isFreshAt(micros(1_050_000)), true)
  })
})
