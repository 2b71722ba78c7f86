// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant, minutes } from '../base/brand.ts'
import { SeededRandom } from '../base/random.ts'
import { nextAttemptAt, retryAsNamed } from './retry-schedule.ts'
import { SourceRotation } from './source-rotation.ts'

describe('A retry schedule', () => {
  it('takes its waits in order and repeats the last, each within a tenth', () => {
    const waits = [minutes(5), minutes(15), minutes(60)]
    const random = new SeededRandom(7)
    for (const [attempts, wanted] of [
      [1, 5],
      [2, 15],
      [3, 60],
      [4, 60],
      [40, 60],
    ] as const) {
      const wait = nextAttemptAt(waits, attempts, instant(0), random) / 60_000
      assert.ok(wait >= wanted * 0.9 && wait <= wanted * 1.1, `${attempts}: ${wait}`)
    }
  })

  it('gives way to a wait that the receiver names: never before it, and as soon only at first', () => {
    const random = new SeededRandom(7)
    const waitFor = (named: number, attempts: number): number =>
      retryAsNamed(instant(600_000), minutes(named), attempts, instant(0), random) / 60_000
    assert.ok(waitFor(5, 1) > 5 && waitFor(5, 1) < 6)
    assert.equal(waitFor(5, 2), 10, 'then the schedule counts')
    assert.ok(waitFor(60, 2) > 60 && waitFor(60, 2) < 67)
    assert.ok(waitFor(100_000, 1) < 5 * 60, 'nobody makes us wait for ever')
  })

  it('spreads what was deferred together', () => {
    const random = new SeededRandom(7)
    const times = new Set(
      Array.from({ length: 100 }, () => nextAttemptAt([minutes(5)], 1, instant(0), random)),
    )
    assert.ok(times.size > 90)
  })
})

describe('A rotation of sources', () => {
  it('picks by weight, smoothly, and passes over those that are not free', () => {
    const rotation = new SourceRotation([
      { item: 'a', weight: 2 },
      { item: 'b', weight: 1 },
      { item: 'rested', weight: 0 },
    ])
    const all = Array.from({ length: 6 }, () => rotation.next(() => true))
    assert.deepEqual(all, ['a', 'b', 'a', 'a', 'b', 'a'])
    assert.equal(
      rotation.next((item) => item === 'b'),
      'b',
    )
    assert.equal(
      rotation.next(() => false),
      null,
    )
  })
})
