// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DurationMs, seconds } from './brand.ts'
import { ManualClock } from './manual-clock.ts'
import { persevere } from './persevere.ts'

test('Work that fails is told of and begins again after the pause, and what ends by itself is over', async () => {
  const clock = new ManualClock()
  const told: unknown[] = []
  let tries = 0
  const done = persevere(
    async () => {
      if (++tries < 3) throw new Error(`try ${tries}`)
    },
    new AbortController().signal,
    { clock, pause: seconds(5), failed: (thrown) => told.push(thrown) },
  )
  await turn(clock, seconds(4))
  assert.equal(tries, 1)
  await turn(clock, seconds(1))
  assert.equal(tries, 2)
  await turn(clock, seconds(5))
  await done
  assert.deepEqual(told.map(String), ['Error: try 1', 'Error: try 2'])
})

test('Who is told to stop does not begin again', async () => {
  const stop = new AbortController()
  let tries = 0
  await persevere(
    async () => {
      tries++
      stop.abort()
      throw new Error('the end')
    },
    stop.signal,
    { clock: new ManualClock(), pause: seconds(5), failed: () => {} },
  )
  assert.equal(tries, 1)
})

/** Promises settle before and after. */
async function turn(clock: ManualClock, duration: DurationMs): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  clock.advance(duration)
  await new Promise((resolve) => setImmediate(resolve))
}
