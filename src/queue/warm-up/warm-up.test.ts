// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { place, START, Stage, schedule } from '../../../test/support/warm-up-stage.ts'
import { hours, instant, minutes, plus } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import { DAY_MS, dayOf } from './signals.ts'
import { defaultPolicy } from './thresholds.ts'
import { WarmUp } from './warm-up.ts'
import { allowedWarmUpStates, type WarmUpState } from './warm-up-state.ts'

const inState: Record<WarmUpState['kind'], () => WarmUp> = {
  advancing: () => new Stage().warmUp,
  holding: () => {
    const stage = new Stage()
    stage.day({ delivered: 190, bounced: 10 })
    return stage.warmUp
  },
  paused: () => {
    const { warmUp } = new Stage()
    warmUp.pause('anna', 'maintenance', START)
    return warmUp
  },
  warm: () => {
    const { warmUp } = new Stage()
    warmUp.set('warm', 'anna', START)
    return warmUp
  },
}

/** What leads to each state from wherever it can. */
const steps: Record<WarmUpState['kind'], (warmUp: WarmUp) => void> = {
  advancing: (warmUp) => void warmUp.set(1, 'anna', START),
  holding: (warmUp) => void warmUp.resume('anna', START),
  paused: (warmUp) => void warmUp.pause('anna', 'again', START),
  warm: (warmUp) => void warmUp.set('warm', 'anna', START),
}

describe('A warm-up', () => {
  it('goes only where the table of transitions lets it', () => {
    for (const from of Object.keys(inState) as WarmUpState['kind'][])
      for (const to of Object.keys(steps) as WarmUpState['kind'][]) {
        const warmUp = inState[from]()
        assert.equal(warmUp.state.kind, from)
        const before = warmUp.position
        try {
          steps[to](warmUp)
        } catch (thrown) {
          assert.ok(thrown instanceof InvariantError, `${from} to ${to}`)
          assert.deepEqual(warmUp.position, before)
        }
        const now: string = warmUp.state.kind
        // A person who sets a paused one does it by way of holding.
        const ways: readonly string[] = [
          ...allowedWarmUpStates[from],
          ...(from === 'paused' ? allowedWarmUpStates.holding : []),
        ]
        assert.ok(now === from || ways.includes(now), `${from} became ${now}`)
      }
  })

  it('advances when the day was used and its signals were good, and says with what numbers', () => {
    const stage = new Stage()
    const [decision] = stage.day({ delivered: 197, deferred: 1 })
    assert.equal(
      decision?.text,
      'Advanced to 500 a day at Outlook: 198 of 200 were used yesterday, 0.51 % were deferred (limit 2 %).',
    )
    assert.equal(decision?.kind, 'advanced')
    assert.equal(stage.warmUp.allowance, 500)
  })

  it('stays where it is when the day was not used', () => {
    const stage = new Stage()
    assert.deepEqual(stage.day({ delivered: 100 }), [])
    assert.equal(stage.warmUp.allowance, 200)
  })

  it('holds after a doubtful day, and says why in the words of a colleague', () => {
    const stage = new Stage(3)
    const decisions = stage.day({ delivered: 1_907, deferred: 61 })
    assert.deepEqual(
      decisions.map(({ text }) => text),
      [
        "Held at 2,000 a day at Outlook: 3.1 % of yesterday's 1,968 were deferred with S3150 (limit 2 %). Tried again tomorrow.",
      ],
    )
    assert.equal(stage.warmUp.state.kind, 'holding')
    stage.day({ delivered: 1_970 })
    assert.equal(stage.warmUp.state.kind, 'advancing')
    assert.equal(stage.warmUp.allowance, 5_000)
  })

  it('passes over a stage after excellent days in a row', () => {
    const stage = new Stage()
    stage.day({ delivered: 200 })
    const [second] = stage.day({ delivered: 500 })
    assert.match(second?.text ?? '', /^Advanced to 2,000 a day at Outlook, past 1,000 a day: /)
  })

  it('steps back after a bad day', () => {
    const stage = new Stage(3)
    const decisions = stage.day({ delivered: 1_860, bounced: 140 })
    assert.equal(
      decisions.at(-1)?.text,
      "Stepped back to 1,000 a day at Outlook: 7 % of yesterday's 2,000 had no such recipient (limit 5 %).",
    )
    const other = new Stage(3)
    other.warmUp.signals.note('delivered', START, 1_860)
    other.warmUp.signals.note('complained', START, 12)
    other.now = plus(START, hours(20))
    const [decision] = other.day({})
    assert.equal(
      decision?.text,
      "Stepped back to 1,000 a day at Outlook: 0.65 % of yesterday's 1,860 were called spam (limit 0.3 %).",
    )
  })

  it('is slowed within the day when an hour is doubtful, gets back what it lost in good hours, and passes no stage over after it', () => {
    const stage = new Stage(3)
    stage.until(plus(START, hours(2)), { delivered: 166 })
    const [slowed] = stage.until(plus(stage.now, minutes(10)), { deferred: 8, delivered: 10 })
    assert.equal(
      slowed?.text,
      "Slowed to 1,000 a day at Outlook for the rest of today: 9.1 % of the last hour's 88 were deferred with S3150 (limit 2 %).",
    )
    assert.equal(stage.warmUp.allowance, 1_000)
    const [back] = stage.until(plus(stage.now, hours(3)), { delivered: 150 })
    assert.equal(back?.text, "Back to 2,000 a day at Outlook: the last hour's 50 were taken.")
    const [advanced] = stage.day({ delivered: 1_300 }).slice(-1)
    assert.match(
      advanced?.text ?? '',
      /^Advanced to 5,000 a day at Outlook: .* 0.49 % were deferred/,
    )
    assert.ok((stage.warmUp.position.soberUntilDay ?? 0) > dayOf(stage.now))
  })

  it('is held where the whole day was doubtful, and passes no stage over for a while', () => {
    const stage = new Stage()
    for (const delivered of [195, 490]) stage.day({ delivered })
    assert.equal(stage.warmUp.allowance, 2_000, 'past 1,000')
    const [held] = stage.day({ delivered: 1_907, deferred: 61 }).slice(-1)
    assert.match(held?.text ?? '', /^Held at 2,000 a day at Outlook: 3.1 % of yesterday's 1,968/)
    for (const delivered of [1_990, 4_990]) stage.day({ delivered })
    assert.equal(stage.warmUp.allowance, 10_000, 'stage by stage')
  })

  it('is paused within ten minutes where a provider refuses everything, and goes on by itself', () => {
    const stage = new Stage(3)
    stage.until(plus(START, hours(5)), { delivered: 415 })
    const [paused] = stage.until(plus(stage.now, minutes(20)), { refused: 28 })
    assert.match(
      paused?.text ?? '',
      /^Paused at Outlook until \d\d:\d\d UTC: .* were refused .*\(limit 10 %\)\. Tried again then, with 1,000 a day\.$/,
    )
    assert.equal(stage.warmUp.allowance, 0)
    const [resumed] = stage.until(plus(stage.now, hours(4)))
    assert.equal(resumed?.kind, 'resumed')
    assert.equal(stage.warmUp.allowance, 250)
    stage.day({ delivered: 200 })
    assert.equal(stage.warmUp.allowance, 1_000)
    stage.day({ delivered: 980 })
    assert.equal(stage.warmUp.state.kind, 'advancing')
  })

  it('pauses longer each time, where it is refused again', () => {
    const stage = new Stage(4)
    const lengths: number[] = []
    for (let round = 0; round < 5; round++) {
      stage.until(plus(stage.now, minutes(30)), { refused: 60 })
      const { state } = stage.warmUp
      assert.equal(state.kind, 'paused')
      if (state.kind !== 'paused' || state.until === null) continue
      lengths.push(Math.ceil((state.until - stage.now) / hours(1)))
      stage.until(plus(state.until, minutes(10)))
    }
    assert.deepEqual(lengths, [4, 8, 16, 24, 24])
  })

  it('is warm after its last stage; goes bad, and grows again from half of what it sent', () => {
    const stage = new Stage(5)
    assert.equal(stage.day({ delivered: 9_900 })[0]?.kind, 'warm')
    assert.equal(stage.warmUp.allowance, null)
    const [decision] = stage.day({ delivered: 11_000, bounced: 800 })
    assert.match(decision?.text ?? '', /^Warm no more at Outlook, and held at 5,000 a day: /)
    assert.equal(stage.warmUp.state.kind, 'holding')
  })

  it('cools after idle days, and is cold after many, also where nobody looked', () => {
    const stage = new Stage(5)
    for (let day = 1; day <= 9; day++) assert.deepEqual(stage.day({}), [])
    assert.equal(
      stage.day({})[0]?.text,
      'Cooled at Outlook, to 5,000 a day: nothing was sent for 10 days.',
    )
    const other = new Stage(5)
    other.warmUp.check(plus(START, hours(24 * 400)))
    assert.equal(other.warmUp.allowance, 200)
  })

  it('does not judge the part of a day in which it began late', () => {
    const stage = new Stage()
    const evening = plus(START, hours(20))
    const warmUp = WarmUp.start(place, schedule, defaultPolicy, evening)
    warmUp.signals.note('delivered', evening, 30)
    assert.deepEqual(warmUp.check(instant(START + DAY_MS)), [])
    assert.equal(stage.warmUp.allowance, warmUp.allowance)
  })

  it('goes on after a restart as if there had been none', () => {
    const stage = new Stage(3)
    stage.until(plus(START, hours(20)), { delivered: 1_600, deferred: 10 })
    const { position, signals } = stage.warmUp
    const again = WarmUp.restore(
      place,
      schedule,
      defaultPolicy,
      JSON.parse(JSON.stringify(position)),
      JSON.parse(JSON.stringify(signals.snapshot())),
    )
    const midnight = instant(START + DAY_MS)
    assert.deepEqual(again.check(midnight), stage.warmUp.check(midnight))
    assert.deepEqual(again.position, stage.warmUp.position)
  })
})
