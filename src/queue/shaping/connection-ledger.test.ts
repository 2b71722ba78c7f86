// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type DurationMs, instant, ms, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { ConnectionLedger, LEASE } from './connection-ledger.ts'
import { type KeyedLimit, OwnSlots } from './connection-slots.ts'
import { Ledger } from './ledger.ts'
import type { LedgerAsk } from './ledger-messages.ts'
import { LedgerRounds } from './ledger-rounds.ts'
import { ALONE, fallbackShare, KNOWS_ALL } from './lending.ts'
import { LessonBook } from './lesson-book.ts'
import type { LaneUser } from './rates.ts'

const CAMPAIGN = 5
const RECEIPT = 0

interface Asking {
  readonly worker?: number
  readonly used: number
  readonly wanted: number
  readonly now: DurationMs
  readonly highestClass?: number
  readonly lane?: string
  readonly knowsAll?: boolean
}

/** Questions to a ledger about one path of `limit`, and its provider where that has one. */
function rig(workers: number, limit: number, provider?: number) {
  const ledger = new ConnectionLedger(workers)
  return ({
    worker = 0,
    used,
    wanted,
    now,
    highestClass = CAMPAIGN,
    lane = 'mx',
    knowsAll = true,
  }: Asking): number => {
    const own: KeyedLimit = { key: lane, limit }
    const limits = provider === undefined ? [own] : [own, { key: 'provider', limit: provider }]
    const demand = { waiting: wanted, highestClass, weightedDepth: wanted, oldestAge: ms(0) }
    return ledger.ask(worker, [{ lane, limits, used, demand }], now, knowsAll)[0]?.slots ?? -1
  }
}

const at = (milliseconds: number): DurationMs => ms(1_000_000 + milliseconds)

describe('The ledger of connections', () => {
  it('lends all to the only one who wants some', () => {
    const ask = rig(4, 10)
    assert.equal(ask({ worker: 2, used: 0, wanted: 50, now: at(0) }), 10)
  })

  it('makes the one who has all shrink to a fair share when another one waits', () => {
    const ask = rig(2, 10)
    assert.equal(ask({ used: 0, wanted: 10, now: at(0) }), 10)
    assert.equal(ask({ worker: 1, used: 0, wanted: 10, now: at(1) }), 0)
    assert.equal(ask({ used: 10, wanted: 10, now: at(2) }), 5)
    const early = ask({ worker: 1, used: 0, wanted: 10, now: at(3) })
    assert.equal(early, 0, 'the others are still open')
    assert.equal(ask({ used: 5, wanted: 10, now: at(4) }), 5)
    assert.equal(ask({ worker: 1, used: 0, wanted: 10, now: at(5) }), 5)
  })

  it('takes back what is not renewed', () => {
    const ask = rig(2, 10)
    ask({ used: 0, wanted: 10, now: at(0) })
    assert.equal(ask({ worker: 1, used: 0, wanted: 10, now: at(LEASE) }), 10)
  })

  it('lets one connection go round where workers are more', () => {
    const ask = rig(2, 1)
    const had = [0, 0]
    const used = [0, 0]
    for (let second = 0; second < 120; second++)
      for (const worker of [0, 1]) {
        const now = at(seconds(second))
        used[worker] = ask({ worker, used: used[worker] ?? 0, wanted: 1, now })
        had[worker] = (had[worker] ?? 0) + (used[worker] ?? 0)
      }
    for (const time of had) assert.ok(time > 30, `${had} of 120 seconds`)
  })

  it('lets two connections serve four workers, none of which waits for more than 20 seconds', () => {
    const ask = rig(4, 2)
    const used = [0, 0, 0, 0]
    const served = [0, 0, 0, 0]
    for (let second = 0; second < 240; second++)
      for (const worker of [0, 1, 2, 3]) {
        const now = at(seconds(second))
        used[worker] = ask({ worker, used: used[worker] ?? 0, wanted: 3, now })
        if (used[worker] === 0) continue
        assert.ok(second - (served[worker] ?? 0) <= 23, `worker ${worker} at ${second} s`)
        served[worker] = second
      }
    assert.ok(used.every((count) => count <= 2))
  })

  it('calls the only connection back from a campaign when a receipt waits in another worker', () => {
    const ask = rig(2, 1)
    assert.equal(ask({ used: 0, wanted: 9, now: at(0) }), 1)
    const receipt = { worker: 1, used: 0, wanted: 1, highestClass: RECEIPT }
    assert.equal(ask({ ...receipt, now: at(500) }), 0, 'it is in use')
    assert.equal(ask({ used: 1, wanted: 9, now: at(1_000) }), 0, 'at the end of its transaction')
    assert.equal(ask({ used: 0, wanted: 9, now: at(1_200) }), 0)
    assert.equal(ask({ ...receipt, now: at(1_500) }), 1)
  })

  it('lets nobody wait for ever behind those of a higher class', () => {
    const ask = rig(2, 1)
    let used = 0
    let first = 0
    for (let second = 0; second < 60 && first === 0; second++) {
      const receipts = { worker: 1, wanted: 5, highestClass: RECEIPT, now: at(seconds(second)) }
      used = ask({ ...receipts, used })
      if (ask({ used: 0, wanted: 5, now: at(seconds(second)) }) > 0) first = second
    }
    assert.ok(first > 0 && first <= 32, `${first} s`)
  })

  it('keeps the sum of all paths of a provider within its limit', () => {
    const ask = rig(2, 4, 5)
    assert.equal(ask({ used: 0, wanted: 9, now: at(0), lane: 'mx1' }), 4)
    assert.equal(ask({ used: 0, wanted: 9, now: at(0), lane: 'mx2' }), 1)
  })

  it('lends shares alone while it does not know who has what', () => {
    const ask = rig(3, 10)
    const shares = [0, 1, 2].map((worker) =>
      ask({ worker, used: 0, wanted: 10, now: at(0), knowsAll: false }),
    )
    assert.deepEqual(shares, [4, 3, 3])
  })

  it('never lends more than the limit, whatever is asked and however slowly connections close', () => {
    const step = fc.record({
      worker: fc.nat(3),
      wanted: fc.nat(12),
      highestClass: fc.nat(2),
      closes: fc.nat(3),
      passes: fc.integer({ min: 1, max: 900 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.array(step, { maxLength: 60 }),
        (limit, steps) => {
          const ask = rig(4, limit)
          const open = [0, 0, 0, 0]
          let now = at(0)
          for (const { worker, wanted, highestClass, closes, passes } of steps) {
            now = ms(now + passes)
            // Everybody renews in time, as workers do, before one asks for something else.
            for (const other of [0, 1, 2, 3]) {
              const used = open[other] ?? 0
              if (other !== worker) ask({ worker: other, used, wanted: used, now })
            }
            const before = open[worker] ?? 0
            const slots = ask({ worker, used: before, wanted, highestClass, now })
            open[worker] = before > slots ? Math.max(slots, before - closes) : slots
            const sum = open.reduce((total, count) => total + count, 0)
            assert.ok(sum <= limit, `${sum} of ${limit}`)
          }
        },
      ),
    )
  })
})

/** A user that counts how often it was woken. */
function countingUser(): LaneUser & { wakes: number } {
  return {
    wakes: 0,
    demand: () => ({ waiting: 10, highestClass: CAMPAIGN, weightedDepth: 10, oldestAge: ms(0) }),
    wake() {
      this.wakes++
    },
  }
}

describe('Leased slots', () => {
  it('come from the ledger, and from the fallback share while nobody answers', async () => {
    const clock = new ManualClock()
    const ledger = new Ledger(2, clock.monotonic(), new LessonBook(1))
    let isThere = true
    const ask = async (question: LedgerAsk) => {
      if (!isThere) throw new Error('gone')
      return ledger.ask(1, question, clock.monotonic(), clock.now())
    }
    const rounds = new LedgerRounds(ask, clock, { index: 1, count: 2 })
    for (let past = 0; past <= KNOWS_ALL + ALONE; past += 1_000) await turn(clock)
    const user = countingUser()
    const lane = rounds.slots.lane('mx', [{ key: 'mx', limit: 10 }], user)
    assert.equal(lane.allowed(0, 10).allowed, 0, 'nothing is lent yet')
    await turn(clock)
    assert.deepEqual(lane.allowed(0, 10), { allowed: 10, binds: null })
    assert.equal(user.wakes, 1)
    isThere = false
    await turn(clock)
    assert.equal(lane.allowed(10, 10).allowed, 5)
    isThere = true
    await turn(clock)
    assert.equal(lane.allowed(5, 10).allowed, 5, 'what others have is not known yet')
    for (let past = 0; past <= KNOWS_ALL + ALONE; past += 1_000) await turn(clock)
    assert.equal(lane.allowed(5, 10).allowed, 10)
  })

  it('are shares alone while a worker may still be on its own, for what that has is not known', () => {
    const ledger = new Ledger(2, ms(0), new LessonBook(1))
    const demand = { waiting: 1, highestClass: CAMPAIGN, weightedDepth: 1, oldestAge: ms(0) }
    const limits = [{ key: 'mx', limit: 1 }]
    const connections = [{ lane: 'mx', limits, used: 0, demand }]
    const lessons = { version: 0, signals: [] }
    const slotsAt = (now: number) =>
      ledger.ask(1, { connections, rates: [], lessons }, ms(now), instant(now)).connections[0]
        ?.slots
    const end = KNOWS_ALL + ALONE
    for (let now = 1_000; now < end; now += 1_000) assert.equal(slotsAt(now), 0, `at ${now} ms`)
    assert.equal(slotsAt(end), 1)
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

describe('Slots of a process that is alone', () => {
  it('are those of the tightest limit, and come back to whoever waits for the same', async () => {
    const slots = new OwnSlots()
    const waiting = countingUser()
    const provider = { key: 'provider', limit: 3 }
    const one = slots.lane('one', [{ key: 'one', limit: 2 }, provider], countingUser())
    const other = slots.lane('other', [{ key: 'other', limit: 2 }, provider], waiting)
    assert.deepEqual(one.allowed(0, 9), { allowed: 2, binds: 'one' })
    one.allowed(2, 9)
    assert.deepEqual(other.allowed(0, 9), { allowed: 1, binds: 'provider' })
    one.allowed(1, 1)
    await Promise.resolve()
    assert.equal(waiting.wakes, 1)
    assert.equal(other.allowed(0, 9).allowed, 2)
  })
})

/** A second, and what was asked in it. */
async function turn(clock: ManualClock): Promise<void> {
  clock.advance(seconds(1))
  for (let step = 0; step < 10; step++) await Promise.resolve()
}
