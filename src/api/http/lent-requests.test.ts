// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { LentRequests } from './lent-requests.ts'
import type { RateState } from './rate-windows.ts'
import { RequestLedger } from './request-ledger.ts'

/** So many workers and control; `isAway`: control. */
function rig(limit: number, workers: number) {
  const clock = new ManualClock()
  const relay = { isAway: false, questions: 0, ledger: new RequestLedger(clock, limit, workers) }
  const all = Array.from(
    { length: workers },
    () =>
      new LentRequests({
        ...{ clock, limit, workers },
        ask: async (key, window) => {
          relay.questions++
          if (relay.isAway) throw new Error('nobody answers')
          return relay.ledger.lend(key, window)
        },
      }),
  )
  /** Requests that pass of so many, turn by turn at each of those. */
  const pass = async (requests: number, at: readonly { take: LentRequests['take'] }[] = all) => {
    let passed = 0
    let last: RateState | null = null
    for (let count = 0; count < requests; count++) {
      last = (await at[count % at.length]?.take('KEY')) ?? null
      if (last?.isOver === false) passed++
    }
    return { passed, left: Number(/r=(\d+)/.exec(last?.headers['ratelimit'] ?? '')?.[1]) }
  }
  // The ledger lends from its second minute on.
  clock.advance(minutes(1))
  return { all, clock, pass, relay }
}

for (const [limit, workers] of [
  [6_000, 4],
  [600, 2],
  [7, 3],
  [1, 2],
] as const)
  test(`Together ${workers} workers and control let ${limit} requests of a key pass in a minute, and no more`, async () => {
    const { all, clock, pass, relay } = rig(limit, workers)
    for (let minute = 0; minute < 3; minute++) {
      const { left, passed } = await pass(2 * limit, [...all, relay.ledger])
      assert.equal(passed, limit, `minute ${minute}`)
      assert.equal(left, 0)
      clock.advance(minutes(1))
    }
  })

test('One worker alone gets all but the shares that others keep for when control is away', async () => {
  const { all, pass } = rig(600, 2)
  const { passed } = await pass(700, all.slice(0, 1))
  assert.equal(passed, 600 - 30)
})

test('What is said to be left is there, from the first request on, and goes down', async () => {
  const { all, pass } = rig(600, 2)
  assert.equal((await pass(1, all.slice(1))).left, 569)
  await pass(100, all.slice(0, 1))
  const { left, passed } = await pass(1, all.slice(0, 1))
  assert.ok(left > 400 && left < 500, `${left} are left`)
  assert.equal((await pass(left, all.slice(0, 1))).passed, left)
  assert.equal(passed, 1)
})

test('It costs few questions, also of a key that has used up its requests', async () => {
  const { pass, relay } = rig(6_000, 2)
  await pass(20_000)
  assert.ok(relay.questions < 150, `${relay.questions} questions`)
})

test('While control is away each worker goes by its share, and never by more together', async () => {
  const { all, clock, pass, relay } = rig(601, 2)
  relay.isAway = true
  assert.equal((await pass(2_000)).passed, 600)
  clock.advance(minutes(1))
  assert.equal((await pass(2_000, all.slice(0, 1))).passed, 300)
  relay.isAway = false
  clock.advance(minutes(1))
  assert.equal((await pass(2_000)).passed, 601)
})

test('A ledger that has begun anew lends from the next minute on; until then shares hold', async () => {
  const { clock, pass, relay } = rig(600, 2)
  relay.ledger = new RequestLedger(clock, 600, 2)
  assert.equal((await pass(2_000)).passed, 600)
  clock.advance(seconds(60))
  assert.equal((await pass(2_000)).passed, 600)
})

test('Requests that wait for one answer share it', async () => {
  const { all, relay } = rig(100, 2)
  const [worker] = all
  assert.ok(worker)
  const states = await Promise.all(Array.from({ length: 150 }, () => worker.take('KEY')))
  assert.equal(states.filter(({ isOver }) => !isOver).length, 95)
  assert.ok(relay.questions <= 30, `${relay.questions} questions`)
})
