// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from '../../../test/support/warm-up-stage.ts'
import { hours, minutes, plus } from '../../base/brand.ts'
import type { WarmUpSchedule } from './schedule.ts'
import { isGentleLeap, wallAfter } from './wall.ts'

const putOff = { delivered: 740, deferred: 60 }

/** Stage 3 of the schedule is 2,000 a day. */
describe('A source that is put off again where it was put off before', () => {
  it('steps back to what was taken, and waits longer each time', () => {
    const stage = new Stage(3)
    const [held] = stage.day(putOff).slice(-1)
    assert.match(held?.text ?? '', /^Held at 2,000 a day/)
    const [back] = stage.day(putOff).slice(-1)
    assert.equal(
      back?.text,
      "Stepped back to 500 a day at Outlook, and no further for 2 days: 7.5 % of yesterday's 800 were deferred with S3150 (limit 2 %), not for the first time.",
    )
    assert.equal(daysUntilPast(stage, 500), 2)
    stage.day({ delivered: 990 })
    assert.equal(stage.warmUp.allowance, 2_000)
    const [again] = stage.day(putOff).slice(-1)
    assert.match(again?.text ?? '', /^Stepped back to 500 a day .* no further for 4 days: /)
    assert.equal(daysUntilPast(stage, 500), 4)
  })

  it('counts pauses in a row as one', () => {
    const stage = new Stage(3)
    for (let round = 0; round < 3; round++) {
      stage.until(plus(stage.now, minutes(30)), { refused: 60 })
      stage.until(plus(stage.now, hours(17)))
    }
    assert.equal(stage.warmUp.position.wall?.times, 1)
    assert.equal(stage.warmUp.position.ceiling, undefined)
  })

  it('forgets it where it has come further, or after four weeks', () => {
    const once = { stage: 3, day: 100, times: 1 }
    assert.equal(wallAfter(once, 3, 128).times, 2)
    assert.equal(wallAfter(once, 1, 128).times, 2)
    assert.deepEqual(wallAfter(once, 4, 101), { stage: 4, day: 101, times: 1 })
    assert.deepEqual(wallAfter(once, 3, 129), { stage: 3, day: 129, times: 1 })
  })
})

describe('A source that was put off once', () => {
  it('passes over a stage only where that is no more than a step of its schedule', () => {
    const schedule: WarmUpSchedule = {
      name: 'test',
      origin: 'this test',
      allowances: [200, 500, 1_000, 2_000, 2_500, 3_000],
    }
    assert.deepEqual(
      [0, 1, 2, 3].map((stage) => isGentleLeap(schedule, stage)),
      [false, false, true, true],
    )
  })

  it('also after a pause', () => {
    const stage = new Stage(3)
    stage.until(plus(stage.now, minutes(30)), { refused: 60 })
    stage.day({})
    for (const delivered of [990, 1_990, 4_990]) stage.day({ delivered })
    assert.equal(stage.warmUp.allowance, 10_000, 'stage by stage')
  })
})

/** Good days at an allowance, up to the one that is over with more. */
function daysUntilPast(stage: Stage, allowance: number): number {
  for (let days = 1; days < 30; days++) {
    assert.equal(stage.warmUp.allowance, allowance)
    stage.day({ delivered: allowance })
    if ((stage.warmUp.allowance ?? 0) > allowance) return days
  }
  return assert.fail('it never goes on')
}
