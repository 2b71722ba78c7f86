// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type DurationMs, ms, seconds } from '../base/brand.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { ConnectionLedger, LEASE } from './connection-ledger.ts'
import { fallbackShare } from './connection-slots.ts'
import { LeasedSlots } from './leased-slots.ts'

const START = ms(1_000_000)
const LATER = plus(START, LEASE)

function ledger(limit: number, workers: number): ConnectionLedger {
  return new ConnectionLedger(() => limit, workers, START)
}

function ask(
  from: ConnectionLedger,
  worker: number,
  used: number,
  wanted: number,
  now: DurationMs,
): number {
  return from.ask(worker, [{ site: 'mx', used, wanted }], now)[0]?.slots ?? -1
}

describe('The ledger of connections', () => {
  it('lends all to the only one who wants some', () => {
    assert.equal(ask(ledger(10, 4), 2, 0, 50, LATER), 10)
  })

  it('makes the one who has all shrink to a fair share when another one waits', () => {
    const lends = ledger(10, 2)
    assert.equal(ask(lends, 0, 0, 10, LATER), 10)
    assert.equal(ask(lends, 1, 0, 10, plus(LATER, ms(1))), 0)
    assert.equal(ask(lends, 0, 10, 10, plus(LATER, ms(2))), 5)
    assert.equal(ask(lends, 1, 0, 10, plus(LATER, ms(3))), 0, 'the others are still open')
    assert.equal(ask(lends, 0, 5, 10, plus(LATER, ms(4))), 5)
    assert.equal(ask(lends, 1, 0, 10, plus(LATER, ms(5))), 5)
  })

  it('takes back what is not renewed', () => {
    const lends = ledger(10, 2)
    ask(lends, 0, 0, 10, LATER)
    assert.equal(ask(lends, 1, 0, 10, plus(LATER, LEASE)), 10)
  })

  it('lets one connection go round where workers are more', () => {
    const lends = ledger(1, 2)
    const had = [0, 0]
    const used = [0, 0]
    for (let second = 0; second < 120; second++)
      for (const worker of [0, 1]) {
        used[worker] = ask(lends, worker, used[worker] ?? 0, 1, plus(LATER, seconds(second)))
        had[worker] = (had[worker] ?? 0) + (used[worker] ?? 0)
      }
    for (const time of had) assert.ok(time > 30, `${had} of 120 seconds`)
  })

  it('lends shares alone at first, since it does not know yet who has what', () => {
    const lends = ledger(10, 3)
    assert.deepEqual(
      [0, 1, 2].map((worker) => ask(lends, worker, 0, 10, START)),
      [4, 3, 3],
    )
  })

  it('never lends more than the limit, whatever is asked and however slowly connections close', () => {
    const step = fc.record({
      worker: fc.nat(3),
      wanted: fc.nat(12),
      closes: fc.nat(3),
      passes: fc.integer({ min: 1, max: 900 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.array(step, { maxLength: 60 }),
        (limit, steps) => {
          const lends = ledger(limit, 4)
          const open = [0, 0, 0, 0]
          let now = LATER
          for (const { worker, wanted, closes, passes } of steps) {
            now = plus(now, ms(passes))
            // Everybody renews in time, as workers do, before one asks for something else.
            for (const other of [0, 1, 2, 3])
              if (other !== worker) ask(lends, other, open[other] ?? 0, open[other] ?? 0, now)
            const slots = ask(lends, worker, open[worker] ?? 0, wanted, now)
            const before = open[worker] ?? 0
            open[worker] = before > slots ? Math.max(slots, before - closes) : slots
            const sum = open.reduce((total, count) => total + count, 0)
            assert.ok(sum <= limit, `${sum} of ${limit}`)
          }
        },
      ),
    )
  })
})

describe('Leased slots', () => {
  it('come from the ledger, and from the fallback share while nobody answers', async () => {
    const clock = new ManualClock()
    let isThere = true
    const lends = new ConnectionLedger(() => 10, 2, clock.monotonic())
    clock.advance(LEASE)
    const slots = new LeasedSlots({
      ask: async (asks) => {
        if (!isThere) throw new Error('gone')
        return lends.ask(1, asks, clock.monotonic())
      },
      clock,
      limit: () => 10,
      index: 1,
      count: 2,
    })
    let changes = 0
    const now = (used: number) => slots.allowed('mx', used, 10, () => changes++)
    assert.equal(now(0), 0, 'nothing is lent yet')
    await turn(clock)
    assert.equal(now(0), 10)
    assert.equal(changes, 1)
    isThere = false
    await turn(clock)
    assert.equal(now(10), 5)
    isThere = true
    await turn(clock)
    assert.equal(now(5), 10)
  })

  it('together stay within the limit when all workers are on their own', () => {
    for (const [limit, count] of [
      [10, 3],
      [2, 4],
      [1, 2],
    ] as const) {
      const shares = Array.from({ length: count }, (_, index) => fallbackShare(limit, index, count))
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0),
        limit,
      )
    }
  })
})

/** A second, and what was asked in it. */
async function turn(clock: ManualClock): Promise<void> {
  clock.advance(seconds(1))
  for (let step = 0; step < 10; step++) await Promise.resolve()
}

function plus(at: DurationMs, by: DurationMs): DurationMs {
  return ms(at + by)
}
