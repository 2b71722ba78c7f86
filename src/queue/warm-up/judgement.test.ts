// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { instant } from '../../base/brand.ts'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'
import { isExcellent, worstOf } from './judgement.ts'
import { allowanceAt, flawIn, stageWithin } from './schedule.ts'
import { answersIn, type Counts, DAY_MS, nothing, Signals } from './signals.ts'
import { defaultPolicy, flawInPolicy } from './thresholds.ts'
import { codeIn, number, percent } from './words.ts'

const counts = (some: Partial<Counts>): Counts => ({ ...nothing, ...some })

describe('A judgement', () => {
  const cases: readonly [string, Partial<Counts>, string | null][] = [
    ['nothing at all', {}, null],
    ['one deferral of few', { delivered: 9, deferred: 1 }, null],
    ['a share that chance explains', { delivered: 970, deferred: 26 }, null],
    ['a share that chance does not explain', { delivered: 1_907, deferred: 61 }, 'deferred hold'],
    ['much more', { delivered: 800, deferred: 200 }, 'deferred stepBack'],
    ['most of it', { delivered: 20, deferred: 80 }, 'deferred pause'],
    ['few complaints of many', { delivered: 10_000, complained: 8 }, null],
    ['one in five hundred complains', { delivered: 10_000, complained: 20 }, 'complained hold'],
    ['one in a hundred complains', { delivered: 10_000, complained: 100 }, 'complained pause'],
    ['bad addresses', { delivered: 960, bounced: 40 }, 'bounced hold'],
    ['the worst of two', { delivered: 900, bounced: 40, refused: 150 }, 'refused pause'],
    ['the spam folder', { delivered: 1_000, inboxed: 60, foldered: 40 }, 'foldered hold'],
  ]
  for (const [name, some, expected] of cases)
    it(`of ${name}: ${expected ?? 'good'}`, () => {
      const finding = worstOf(counts(some), defaultPolicy)
      assert.equal(finding && `${finding.kind} ${finding.level}`, expected)
    })

  it('holds complaints against the mail that they are about, where that was the day before', () => {
    const late = counts({ delivered: 100, complained: 3 })
    assert.equal(worstOf(late, defaultPolicy)?.kind, 'complained')
    assert.equal(worstOf(late, defaultPolicy, { delivered: 10_000, returnedShare: 0 }), null)
  })

  it('holds what was returned against the mail of its own day, beside what bounced at once', () => {
    const quiet = counts({ delivered: 100, returned: 40 })
    assert.equal(worstOf(quiet, defaultPolicy, { delivered: 0, returnedShare: 40 / 10_000 }), null)
    const much = worstOf(quiet, defaultPolicy, { delivered: 0, returnedShare: 40 / 500 })
    assert.deepEqual([much?.kind, much?.level, much?.of], ['bounced', 'stepBack', 500])
    const both = counts({ delivered: 985, bounced: 15, returned: 15 })
    assert.equal(worstOf(both, defaultPolicy, { delivered: 0, returnedShare: 0 }), null)
    const sum = worstOf(both, defaultPolicy, { delivered: 0, returnedShare: 0.015 })
    assert.deepEqual([sum?.kind, sum?.count, sum?.of], ['bounced', 30, 1_000])
  })

  it('calls excellent what comes near no limit', () => {
    assert.equal(isExcellent(counts({ delivered: 1_000, deferred: 9 }), defaultPolicy), true)
    assert.equal(isExcellent(counts({ delivered: 1_000, deferred: 15 }), defaultPolicy), false)
  })
})

describe('Signals', () => {
  it('are counted by slice and by day, and summed from the last one backwards', () => {
    const signals = new Signals()
    const slice = (at: number) => instant(at * warmUpLimits.sliceMs)
    signals.note('delivered', slice(0), 50)
    signals.note('delivered', slice(1), 5)
    signals.note('refused', slice(2), 5, 'S3140')
    const sums = (from: number) => [...signals.backwards(slice(3), slice(from))].map(answersIn)
    assert.deepEqual(sums(0), [5, 10, 60])
    assert.deepEqual(sums(1), [5, 10])
    assert.equal(answersIn(signals.since(slice(3), slice(1))), 10)
    assert.equal(answersIn(signals.day(0)), 60)
    assert.equal(signals.codeOf('refused'), 'S3140')
  })

  it('remember of which day that was which was returned, also over a restart', () => {
    const signals = new Signals()
    const noon = (day: number) => instant((day + 0.5) * DAY_MS)
    signals.note('delivered', noon(1), 1_000)
    signals.note('delivered', noon(2), 50)
    for (const day of [1, 1, 1, 2, 0]) signals.noteReturned(noon(3), noon(day))
    const again = Signals.from(JSON.parse(JSON.stringify(signals.snapshot())))
    assert.equal(again.day(3).returned, 4, 'of the day of which nothing is known, nothing')
    assert.equal(again.returnedShare(3), 3 / 1_000 + 1 / 50)
    assert.equal(answersIn(again.day(3)), 0, 'it was sent before')
  })

  it('are bounded: the oldest slice and the oldest day are forgotten', () => {
    const signals = new Signals()
    for (let at = 0; at < 400; at++) signals.note('delivered', instant((at * DAY_MS) / 2))
    const { days, slices } = signals.snapshot()
    assert.equal(days.length, warmUpLimits.days)
    assert.equal(slices.length, warmUpLimits.slices)
    assert.equal(days.at(-1)?.number, 199)
  })

  it('count for the last period where the wall clock was set back', () => {
    const signals = new Signals()
    signals.note('delivered', instant(5 * DAY_MS))
    signals.note('delivered', instant(2 * DAY_MS))
    assert.equal(signals.day(5).delivered, 2)
  })
})

describe('A schedule', () => {
  const schedule = { name: 'test', origin: 'this test', allowances: [200, 500, 1_000] }

  it('knows its stages', () => {
    assert.equal(allowanceAt(schedule, 1), 500)
    assert.equal(allowanceAt(schedule, 9), 1_000)
    assert.equal(stageWithin(schedule, 999), 1)
    assert.equal(stageWithin(schedule, 10), 0)
  })

  it('only grows', () => {
    assert.equal(flawIn([1, 2, 3]), null)
    for (const flawed of [[], [0], [1.5], [2, 2], [3, 2]]) assert.notEqual(flawIn(flawed), null)
  })
})

test('Thresholds that could never count are found', () => {
  assert.equal(flawInPolicy(defaultPolicy), null)
  const bounced = { hold: 0.2, stepBack: 0.1, pause: 0.5 }
  const thresholds = { ...defaultPolicy.thresholds, bounced }
  assert.equal(flawInPolicy({ ...defaultPolicy, thresholds })?.kind, 'bounced')
})

test('Numbers and codes are written for people', () => {
  assert.equal(number(1_234_567), '1,234,567')
  assert.deepEqual([0.031, 0.0005, 0.25, 0, 0.02].map(percent), [
    '3.1 %',
    '0.05 %',
    '25 %',
    '0 %',
    '2 %',
  ])
  for (const [text, code] of [
    ['4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred', 'TSS04'],
    ['5.7.1 Unfortunately, messages from [192.0.2.1] weren’t sent (S3140)', 'S3140'],
    ['Our system has detected an unusual rate of unsolicited mail', '4.7.28'],
  ] as const)
    assert.equal(codeIn(text, '4.7.28'), code)
})
