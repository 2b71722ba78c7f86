// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.ts'
import { binomial } from './chance.ts'
import { svgOf } from './chart.ts'
import type { Day } from './day-log.ts'
import { hostileDraws } from './draws.ts'
import { hostileResult } from './hostile.ts'
import { type Model, modelOf } from './model.ts'
import { chartsOf } from './page-charts.ts'
import { play } from './play.ts'
import { CHARTS } from './score-page.ts'

const middle = modelOf({ name: 'middle' }, 'here')
const base = { seed: 7, days: 14, detail: 400, offered: 1_000_000, daysAfter: null }

describe('A simulation', () => {
  it('plays the same for the same seed', () => {
    const one = play('posthaste', middle, base)
    assert.deepEqual(play('posthaste', middle, base), one)
    assert.notDeepEqual(play('posthaste', middle, { ...base, seed: 8 }).days, one.days)
  })

  it('of a day of a million agrees within 2 % with one of 20,000 recipients that stand for 50', () => {
    // Used to the volume, and a little above what it takes, so that every kind of answer occurs.
    const provider = { floor: 800_000, start_reputation: 0.4, throttle_slope: 0.5, greylist: 0.03 }
    const model: Model = modelOf({ provider, audience: { bad_addresses: 0.015 } }, 'here')
    const day = (detail: number) =>
      play('none', model, { ...base, days: 1, detail }).days[0] ?? assert.fail('a day')
    const [whole, coarse] = [day(1_000_000), day(20_000)]
    for (const kind of ['sent', 'delivered', 'deferred', 'bounced', 'foldered', 'engaged'] as const)
      assertWithin(kind, whole, coarse)
    assert.ok(whole.deferred > 10_000, 'something is deferred')
  })

  it('lets a provider that turns hostile see no mail within the hour, and gets back', () => {
    for (const at of [1, 2]) {
      const model = hostileDraws()[at] ?? assert.fail('a draw')
      const options = { ...base, days: 25 }
      const { pausedAfter, recoveredAfter } = hostileResult(
        play('posthaste', model, options),
        model,
      )
      assert.ok(pausedAfter !== null && pausedAfter <= 60, `paused after ${pausedAfter} minutes`)
      assert.notEqual(recoveredAfter, null)
    }
  })

  it('blocks who begins with all of it, and is reached by who grows', () => {
    assert.ok(play('none', middle, base).blocks > 0)
    const { blocks, reached } = play('posthaste', middle, base)
    assert.equal(blocks, 0)
    assert.ok(reached !== null && reached <= 9)
  })
})

describe('What it draws', () => {
  for (const [of, probability] of [
    [8, 0.1],
    [50, 0.02],
    [400, 0.5],
    [10_000, 0.3],
    [10_000, 0.97],
  ] as const)
    it(`has the mean and the spread of ${of} times ${probability}`, () => {
      const random = new SeededRandom(3)
      const draws = Array.from({ length: 4_000 }, () => binomial(of, probability, random))
      const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length
      const variance = draws.reduce((sum, each) => sum + (each - mean) ** 2, 0) / draws.length
      const expected = of * probability * (1 - probability)
      assert.ok(Math.abs(mean - of * probability) < 4 * Math.sqrt(expected / draws.length))
      assert.ok(Math.abs(variance / expected - 1) < 0.15)
      assert.ok(draws.every((each) => each >= 0 && each <= of))
    })
})

describe('The charts of docs/warmup.md', () => {
  for (const [name, chart] of chartsOf())
    it(`show what the program does now: ${name}; npm run simulate -- --draws all --write makes them`, () => {
      assert.equal(readFileSync(`${CHARTS}${name}.svg`, 'utf8'), svgOf(chart))
    })
})

function assertWithin(kind: keyof Day, one: Day, other: Day): void {
  const [a, b] = [Number(one[kind]), Number(other[kind])]
  // What is left of 2 % for kinds of which there are few is chance.
  const allowed = 0.02 * a + 3 * Math.sqrt(a)
  assert.ok(
    Math.abs(a - b) <= (kind === 'delivered' || kind === 'sent' ? 0.02 * a : allowed),
    `${kind}: ${a}, ${b}`,
  )
}
