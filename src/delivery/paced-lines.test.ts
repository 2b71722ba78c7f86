// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DurationMs, hours, minutes, seconds } from '../base/brand.ts'
import { limitOfPace, parsePace } from '../base/campaign-pace.ts'
import { Lifecycle } from '../base/lifecycle.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { OwnRates } from '../queue/shaping/own-rates.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { PacedLines } from './paced-lines.ts'

/** What waits by queue, let go at a pace. */
function rig(pace: string, waiting: Map<string, number>) {
  const clock = new ManualClock()
  const lifecycle = new Lifecycle((_, thrown) => {
    throw thrown
  })
  const spec = parsePace(pace)
  if (spec === null) throw new Error(pace)
  const limit = limitOfPace(spec)
  const gone: { readonly queue: string; readonly at: number }[] = []
  let isPaused = false
  const context = {
    ...{ clock, lifecycle, random: new SeededRandom(1), rates: new OwnRates() },
    spool: { waitingIn: (queue: string) => waiting.get(queue) ?? 0 },
  } as unknown as DeliveryContext
  const campaigns = {
    paceOf: () => ({ key: 'acme spring', limit }),
    limitOf: () => JSON.stringify(limit),
  }
  const start = () => {
    const lines: PacedLines = new PacedLines(context, campaigns, async (queue) => {
      if (isPaused) return false
      const left = waiting.get(queue) ?? 0
      if (left === 0) return false
      gone.push({ queue, at: clock.monotonic() })
      waiting.set(queue, left - 1)
      if (left > 1) lines.join(queue)
      return true
    })
    for (const [queue, left] of waiting) if (left > 0) lines.join(queue as QueueName)
    return lines
  }
  const pass = async (duration: DurationMs) => {
    for (let passed = 0; passed < duration; passed += 1_000) {
      clock.advance(seconds(1))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const between = (from: DurationMs, to: DurationMs) =>
    gone.filter(({ at }) => at > from && at <= to)
  return {
    ...{ clock, gone, start, pass, between },
    pause: (isIt: boolean) => {
      isPaused = isIt
    },
  }
}

function sites(): Map<string, number> {
  const small = Array.from({ length: 500 }, (_, at) => [`small${at}`, 2] as const)
  return new Map([['large', 2_000], ...small])
}

describe('A campaign with a pace', () => {
  it('goes evenly from the first minute to the last, to large sites and small ones alike', async () => {
    const waiting = sites()
    const { between, gone, pass, start } = rig('3000/1h', waiting)
    start()
    await pass(minutes(60))
    assert.equal(gone.length, 3_000, 'all are gone when the hour is over')
    for (let tenth = 0; tenth < 10; tenth++) {
      const some = between(minutes(6 * tenth), minutes(6 * tenth + 6))
      const large = some.filter(({ queue }) => queue === 'large').length
      assert.ok(Math.abs(some.length - 300) <= 25, `${some.length} in tenth ${tenth}`)
      assert.ok(Math.abs(large - 200) <= 40, `${large} to the large site in tenth ${tenth}`)
    }
  })

  it('of half a million over six hours lets 23 go a second, and no bursts', async () => {
    const { between, gone, pass, start } = rig('500000/6h', new Map([['large', 500_000]]))
    start()
    await pass(minutes(10))
    const wanted = (500_000 * 10) / 360
    assert.ok(Math.abs(gone.length - wanted) < wanted / 50, `${gone.length} in ten minutes`)
    for (let minute = 0; minute < 10; minute++) {
      const count = between(minutes(minute), minutes(minute + 1)).length
      assert.ok(count >= 1_350 && count <= 1_440, `${count} in minute ${minute}`)
    }
  })

  it('goes on at its pace after a restart in the middle, and after a pause makes up for nothing', async () => {
    const { between, pass, pause, start } = rig('3600/1h', new Map([['large', 3_600]]))
    const first = start()
    await pass(minutes(10))
    first.stop()
    start()
    await pass(minutes(10))
    pause(true)
    await pass(minutes(10))
    pause(false)
    start()
    await pass(minutes(10))
    for (const from of [0, 10, 30]) {
      const count = between(minutes(from), minutes(from + 10)).length
      assert.ok(Math.abs(count - 600) <= 20, `${count} in the ten minutes from minute ${from}`)
    }
    assert.equal(between(minutes(20.1), minutes(29.9)).length, 0)
  })

  it('of less than one a minute goes one by one', async () => {
    const { gone, pass, start } = rig('24/6h', new Map([['large', 24]]))
    start()
    await pass(hours(1))
    assert.ok(gone.length >= 4 && gone.length <= 5, `${gone.length} in an hour`)
  })
})
