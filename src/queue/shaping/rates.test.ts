// SPDX-License-Identifier: Apache-2.0
/** Rates as senders meet them: the same promises for a process that is alone and for workers that borrow from a ledger. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { largestExcess, RateRig, shareUsed } from '../../../test/support/rate-rig.ts'
import { ms, seconds } from '../../base/brand.ts'
import { parseRate, type RateLimit } from '../../base/quantity.ts'
import { HORIZON, KNOWS_ALL } from './lending.ts'
import type { KeyedRate } from './rates.ts'

function rate(text: string): RateLimit {
  const limit = parseRate(text)
  assert.ok(limit, text)
  return limit
}

/** Of its own. */
function keyed(text: string, key = 'path'): KeyedRate {
  return { key, limit: rate(text) }
}

/** Until a ledger that has just started lends what it may. */
const SETTLED = seconds(30)

for (const workers of [1, 2, 4]) {
  const who = workers === 1 ? 'one process' : `${workers} workers`

  describe(`Rates of ${who}`, () => {
    it('are never exceeded, whatever limits are shared, and however often the ledger goes and comes', async () => {
      const limit = fc.record({
        count: fc.integer({ min: 1, max: 120 }),
        per: fc.constantFrom(ms(1_000), ms(10_000)),
        burst: fc.integer({ min: 1, max: 5 }),
      })
      const cuts = fc.array(fc.integer({ min: 100, max: 12_000 }), { maxLength: 4 })
      await fc.assert(
        fc.asyncProperty(limit, limit, cuts, fc.nat(), async (own, shared, turns, seed) => {
          const provider = { key: 'provider', limit: shared }
          const lanes = [[{ key: 'lane 0', limit: own }, provider], [provider]]
          const rig = new RateRig({ workers, lanes, seed })
          await rig.run(seconds(8))
          for (const [at, length] of turns.entries()) {
            if (at % 2 === 0) rig.cut()
            else rig.restore()
            await rig.run(ms(length))
          }
          const ofLane = rig.sent.filter(({ lane }) => lane === 0)
          assert.ok(largestExcess(ofLane, own) <= 0)
          assert.ok(largestExcess(rig.sent, shared) <= 0)
        }),
        { numRuns: 25 },
      )
    })

    for (const text of ['60/s', '100/s', '100/s burst 20', '60/min', '600/min'])
      it(`of ${text} are used to at least 98 %`, async () => {
        const limit = rate(text)
        const rig = new RateRig({ workers, lanes: [[{ key: 'path', limit }]], seed: 7 })
        const settled = ms(SETTLED + limit.per)
        await rig.run(ms(settled + 5 * limit.per))
        const used = shareUsed(rig.sent, limit, settled, rig.clock.monotonic())
        assert.ok(used >= 0.98, `${used}`)
        assert.ok(largestExcess(rig.sent, limit) <= 0)
      })

    it('let two limits bind one lane without losing what both allow', async () => {
      const lanes = [[keyed('100/s'), keyed('90/s', 'provider')]]
      const rig = new RateRig({ workers, lanes, seed: 3 })
      await rig.run(seconds(40))
      const used = shareUsed(rig.sent, rate('90/s'), SETTLED, rig.clock.monotonic())
      assert.ok(used >= 0.98, `${used}`)
    })

    it('serve every lane of a limit that is smaller than their number', async () => {
      const lanes = Array.from({ length: 10 }, () => [keyed('2/s', 'provider')])
      const rig = new RateRig({ workers, lanes, seed: 5 })
      await rig.run(seconds(90))
      const served = new Set(rig.sent.map(({ lane, worker }) => `${worker} ${lane}`))
      assert.equal(served.size, 10 * workers)
    })
  })
}

describe('Lent rates', () => {
  it('are shared by what waits', async () => {
    const rig = new RateRig({ workers: 2, lanes: [[keyed('100/s')]], seed: 1 })
    for (const [at, sender] of rig.senders.entries())
      sender.demand = { ...sender.demand, weightedDepth: at === 0 ? 3_000 : 1_000 }
    await rig.run(seconds(60))
    const late = rig.sent.filter(({ at }) => at > SETTLED * 1_000)
    const ofFirst = late.filter(({ worker }) => worker === 0).length / late.length
    assert.ok(ofFirst > 0.7 && ofFirst < 0.8, `${ofFirst}`)
  })

  it('let a receipt in one worker go before a campaign in another', async () => {
    const rig = new RateRig({ workers: 2, lanes: [[keyed('10/s')]], seed: 1 })
    const [campaign, receipts] = rig.senders
    assert.ok(campaign && receipts)
    receipts.demand = { ...receipts.demand, waiting: 0 }
    await rig.run(SETTLED)
    receipts.demand = { waiting: 20, highestClass: 0, weightedDepth: 20, oldestAge: ms(0) }
    receipts.wakeAfter(ms(0))
    const asked = rig.clock.monotonic()
    await rig.run(seconds(2))
    const since = rig.sent.filter(({ at }) => at > asked * 1_000)
    const first = since.find(({ worker }) => worker === 1)
    assert.ok(first && first.at <= (asked + HORIZON + 250) * 1_000)
    const after = since.filter(({ at }) => at > first.at)
    assert.ok(after.filter(({ worker }) => worker === 1).length / after.length > 0.9)
  })

  it('while nobody lends are the share of each worker, and together the limit', async () => {
    const limit = rate('90/s')
    const rig = new RateRig({ workers: 4, lanes: [[{ key: 'path', limit }]], seed: 2 })
    await rig.run(SETTLED)
    rig.cut()
    await rig.run(seconds(10))
    const cutAt = ms(SETTLED + seconds(3))
    const since = rig.sent.filter(({ at }) => at >= cutAt * 1_000)
    const counts = [0, 1, 2, 3].map((at) => since.filter(({ worker }) => worker === at).length)
    // floor(90 / 4) each, the remainder with worker 0: 24, 22, 22, 22 a second.
    assert.ok(counts[0] && counts.slice(1).every((count) => count < (counts[0] ?? 0)))
    assert.ok(shareUsed(rig.sent, limit, cutAt, rig.clock.monotonic()) > 0.93)
    rig.restore()
    await rig.run(seconds(30))
    const back = rig.clock.monotonic() - seconds(10)
    assert.ok(shareUsed(rig.sent, limit, ms(back), rig.clock.monotonic()) >= 0.98)
    assert.ok(largestExcess(rig.sent, limit) <= 0)
  })

  it('wait for nobody who has gone: a worker that dies costs the slots that it held', async () => {
    const limit = rate('100/s')
    const rig = new RateRig({ workers: 2, lanes: [[{ key: 'path', limit }]], seed: 4 })
    await rig.run(SETTLED)
    const [, dead] = rig.senders
    assert.ok(dead)
    dead.demand = { ...dead.demand, waiting: 0 }
    await rig.run(seconds(20))
    const from = ms(SETTLED + seconds(1))
    assert.ok(shareUsed(rig.sent, limit, from, rig.clock.monotonic()) >= 0.98)
  })

  it('are not lent by a ledger that has just started', async () => {
    const rig = new RateRig({ workers: 2, lanes: [[keyed('1/s')]], seed: 9 })
    await rig.run(KNOWS_ALL)
    assert.ok(
      rig.sent.every(({ worker }) => worker === 0),
      'the only one is a share of worker 0',
    )
  })
})
