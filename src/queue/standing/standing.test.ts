// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { type DurationMs, hours, type Instant, instant, plus } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import type { Slug } from '../../records/records.ts'
import {
  noCounts,
  type StandingCounts,
  type StandingHour,
  type StandingStateName,
  standingStates,
} from '../../records/standing.ts'
import { hourOf, Standing, type StandingFacts } from './standing.ts'
import { allowedStandings, type Remedy } from './standing-state.ts'
import { defaultPolicy } from './thresholds.ts'

const place = { tenant: 'shop' as Slug, pool: 'default' }
const quarantine: Remedy = { kind: 'quarantine', pool: 'away' }

/** A tenant, what is counted of it, and a clock that is turned. */
class Trial {
  standing = new Standing(place)
  now: Instant = instant(1_800_000_000_000)
  rows: StandingHour[] = []
  remedy: Remedy = quarantine
  hasNeighbours = true

  get facts(): StandingFacts {
    const { hasNeighbours, now, remedy, rows } = this
    return { now, hours: rows, hasNeighbours, remedy, policy: defaultPolicy }
  }

  count(more: Partial<StandingCounts>): this {
    this.rows.push({ ...place, hour: hourOf(this.now), ...noCounts, ...more })
    return this
  }

  after(time: DurationMs): this {
    this.now = plus(this.now, time)
    return this
  }

  judge(): string | null {
    return this.standing.judge(this.facts)?.text ?? null
  }

  get kind(): StandingStateName {
    return this.standing.state.kind
  }
}

describe('A tenant in a shared pool', () => {
  let trial: Trial
  beforeEach(() => {
    trial = new Trial()
  })

  it('is not judged by three bounces of ten', () => {
    assert.equal(trial.count({ delivered: 7, unknown: 3 }).judge(), null)
    assert.equal(trial.count({ delivered: 0, complained: 5 }).judge(), null)
    assert.equal(trial.kind, 'good')
  })

  it('is not judged by what chance alone makes of few', () => {
    trial.count({ delivered: 98, unknown: 12, complained: 2 })
    trial.judge()
    assert.notEqual(trial.kind, 'quarantined')
  })

  it('is watched first, with the numbers, and well again after a quiet day', () => {
    const watched = trial.count({ delivered: 900, unknown: 80 }).judge()
    assert.match(watched ?? '', /^Tenant shop in pool default is watched: 8.2 % of 980 mails of/)
    assert.match(watched ?? '', /had no such recipient \(80; limit 5 %\)$/)
    assert.equal(trial.after(hours(2)).count({ delivered: 5_000 }).judge(), null)
    assert.equal(trial.kind, 'watched', 'a day has to pass')
    assert.match(trial.after(hours(25)).judge() ?? '', /is well again/)
    assert.equal(trial.kind, 'good')
  })

  it('stays watched between what it is watched for and the half of that', () => {
    trial.count({ delivered: 900, unknown: 80 }).judge()
    trial.after(hours(30)).count({ delivered: 1_000, unknown: 40 })
    assert.equal(trial.judge(), null)
    assert.equal(trial.kind, 'watched')
  })

  for (const [bad, words] of [
    [{ delivered: 150, unknown: 50 }, /had no such recipient/],
    [{ delivered: 150, refused: 50 }, /were refused for what they are/],
    [{ delivered: 1_000, complained: 12 }, /were called spam/],
  ] as const)
    it(`that is bad (${words.source}) goes to the quarantine pool, with the numbers`, () => {
      const text = trial.count(bad).judge() ?? ''
      assert.equal(trial.kind, 'quarantined')
      assert.match(text, /goes by pool away from now on: .* of [\d,]+ mails of the last/)
      assert.match(text, words)
    })

  it('comes back from quarantine by a day of mail that does well there, and is watched then', () => {
    trial.count({ delivered: 150, unknown: 50 }).judge()
    trial.after(hours(1)).count({ delivered: 500 })
    assert.equal(trial.judge(), null, 'a day has to pass')
    trial.after(hours(24)).count({ delivered: 60 })
    assert.equal(trial.judge(), null, 'too little mail of the last day says so')
    assert.match(trial.count({ delivered: 60 }).judge() ?? '', /is back from quarantine/)
    assert.equal(trial.kind, 'watched')
  })

  it('stays in quarantine as long as its mail does badly there', () => {
    trial.count({ delivered: 150, unknown: 50 }).judge()
    for (let day = 0; day < 10; day++)
      assert.equal(trial.after(hours(24)).count({ delivered: 400, unknown: 40 }).judge(), null)
    assert.equal(trial.kind, 'quarantined')
  })

  it('is held where there is no quarantine pool, until a person releases it; then it begins anew', () => {
    trial.remedy = { kind: 'hold' }
    assert.match(trial.count({ delivered: 150, unknown: 50 }).judge() ?? '', /is held, until/)
    assert.equal(trial.after(hours(24 * 30)).judge(), null)
    assert.equal(trial.kind, 'held')
    trial.after(hours(-24 * 30))
    assert.match(trial.standing.release('ann', trial.facts).text, /released by ann/)
    assert.equal(trial.judge(), null, 'what was counted before counts no more')
    trial.count({ delivered: 150, unknown: 50 })
    assert.match(trial.judge() ?? '', /is held/)
  })

  it('is only watched where that is wanted, and it is said once', () => {
    trial.remedy = { kind: 'warn' }
    trial.count({ delivered: 900, unknown: 80 }).judge()
    assert.match(trial.count({ delivered: 100, unknown: 200 }).judge() ?? '', /is watched: 22/)
    assert.equal(trial.count({ unknown: 50 }).judge(), null)
    trial.remedy = quarantine
    assert.match(trial.judge() ?? '', /goes by pool away/)
  })

  it('is good without neighbours, whatever is counted', () => {
    trial.hasNeighbours = false
    assert.equal(trial.count({ delivered: 10, unknown: 500 }).judge(), null)
    trial.hasNeighbours = true
    trial.judge()
    assert.equal(trial.kind, 'quarantined')
    trial.hasNeighbours = false
    assert.match(trial.judge() ?? '', /nobody else sends by this pool now/)
    assert.equal(trial.kind, 'good')
  })

  it('is as a person says while that is pinned', () => {
    const { text } = trial.standing.pin('good', 'ann', 'a new customer', trial.facts)
    assert.match(text, /until it is released: ann says so: a new customer$/)
    assert.equal(trial.count({ delivered: 150, unknown: 50 }).judge(), null)
    trial.standing.release('ann', trial.facts)
    assert.equal(trial.judge(), null, 'what was counted before counts no more')
    trial.standing.pin('held', 'ann', '', trial.facts)
    assert.equal(trial.kind, 'held')
  })

  it('goes on after a restart as it was', () => {
    trial.count({ delivered: 150, unknown: 50 }).judge()
    const kept = JSON.parse(JSON.stringify(trial.standing.position))
    trial.standing = new Standing(place, kept)
    assert.equal(trial.kind, 'quarantined')
    trial.after(hours(25)).count({ delivered: 200 })
    assert.match(trial.judge() ?? '', /is back/)
  })
})

describe('The states of a standing', () => {
  for (const from of standingStates)
    for (const to of standingStates)
      it(`lead from ${from} to ${to} where the table says so`, () => {
        const trial = new Trial()
        trial.standing.pin(from, 'ann', '', trial.facts)
        const isAllowed = from === to || (allowedStandings[from] as readonly string[]).includes(to)
        const move = () => trial.standing.pin(to, 'ann', '', trial.facts)
        if (isAllowed) move()
        else assert.throws(move, InvariantError)
        assert.equal(trial.kind, isAllowed ? to : from)
      })
})
