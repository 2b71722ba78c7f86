// SPDX-License-Identifier: Apache-2.0
/** What replies have taught, in one book, and shared by workers over the ledger. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DurationMs, instant, ms, plus, seconds } from '../../base/brand.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { Ledger } from './ledger.ts'
import { LedgerRounds } from './ledger-rounds.ts'
import { STEP_EVERY } from './lesson.ts'
import { type KeptEntry, LessonBook } from './lesson-book.ts'
import { flowOf, keyOf, perMinute, rateOf, type Signal, Traffic, type Whom } from './lessons.ts'

const NOW = instant(1_800_000_000_000)
const path: Whom = { kind: 'path', source: 'out-1', site: 'mx.example.net' }

function complaint(whom: Whom = path, observed: number | null = null): Signal {
  const heard = { limit: 600, observed, proven: null }
  return { kind: 'complaint', whom, aspect: 'messageRate', heard, words: '421 4.7.28 slow down' }
}

function success(count: number): Signal {
  return { kind: 'success', whom: path, count, limits: { messageRate: 600 } }
}

describe('The book of lessons', () => {
  it('says what each signal came to, with the last complaint', () => {
    const book = new LessonBook(1)
    const [lowered] = book.hear(complaint(), NOW)
    assert.deepEqual(lowered, {
      ...{ whom: path, aspect: 'messageRate', before: null, after: 300, limit: 600 },
      words: '421 4.7.28 slow down',
    })
    assert.deepEqual(book.hear(success(3), plus(NOW, seconds(1))), [])
    const [raised] = book.hear(success(50), plus(NOW, STEP_EVERY))
    assert.deepEqual([raised?.before, raised?.after], [300, 330])
    assert.equal(book.of(keyOf(path))?.messageRate?.value, 330)
  })

  it('tells what has changed since a version, and all of it to who knows another book', () => {
    const book = new LessonBook(100)
    assert.deepEqual(book.changedSince(100), [])
    book.hear(complaint(), NOW)
    const after = book.version
    assert.equal(book.changedSince(100).length, 1)
    assert.equal(book.changedSince(after).length, 0)
    assert.equal(book.knows(0), false)
    assert.equal(book.changedSince(0).length, 1)
  })

  it('begins where the one before it ended', () => {
    const before = new LessonBook(1)
    before.hear(complaint(), NOW)
    before.hear(success(4), plus(NOW, seconds(9)))
    const { gone, kept } = before.takeUnsaved()
    assert.deepEqual(gone, [])
    const after = new LessonBook(2, JSON.parse(JSON.stringify(kept)) as KeptEntry[])
    assert.deepEqual(after.of(keyOf(path)), before.of(keyOf(path)))
    const later = plus(NOW, STEP_EVERY)
    assert.deepEqual(after.hear(success(6), later), before.hear(success(6), later))
  })

  it('is written where something changed, and forgets in the store what is over', () => {
    const book = new LessonBook(1)
    book.hear(complaint(), NOW)
    assert.equal(book.takeUnsaved().kept.length, 1)
    assert.deepEqual(book.takeUnsaved(), { kept: [], gone: [] })
    for (let step = 1; step <= 20; step++) book.hear(success(200), plus(NOW, ms(step * STEP_EVERY)))
    assert.deepEqual(book.takeUnsaved(), { kept: [], gone: [keyOf(path)] })
  })

  it('knows tenants and campaigns by the place that they are at, also after a restart', () => {
    const book = new LessonBook(1)
    const tenant: Whom = { kind: 'tenant', tenant: 'shop', at: 'google' }
    const campaign: Whom = { ...tenant, kind: 'campaign', campaign: 'spring sale' }
    book.hear(complaint(), NOW)
    assert.equal(book.flows.size, 0)
    book.hear(complaint(tenant, 100), NOW)
    book.hear(complaint(campaign, 100), NOW)
    assert.deepEqual(
      [...(book.flows.at('google') ?? [])].map(([key]) => key),
      ['tenant shop google', 'campaign shop google spring sale'],
    )
    const again = new LessonBook(2, book.takeUnsaved().kept)
    assert.deepEqual(again.flows.at('google'), book.flows.at('google'))
    assert.deepEqual(flowOf(keyOf(campaign)), campaign)
    assert.equal(flowOf(keyOf(path)), null)
  })

  it('counts complaints about a tenant that several paths hear at once as one', () => {
    const book = new LessonBook(1)
    const tenant: Whom = { kind: 'tenant', tenant: 'shop', at: 'google' }
    const heard = (age: number) => ({ ...complaint(tenant, 100), age: ms(age) })
    assert.equal(book.hear(heard(500), NOW).length, 1)
    const soon = plus(NOW, seconds(1))
    assert.deepEqual(book.hear(heard(1_200), soon), [])
    assert.equal(book.hear(heard(800), soon).length, 1, 'sent after the first was heard')
  })

  it('forgets campaigns before it forgets a path for them, and those that changed longest ago', () => {
    const book = new LessonBook(1)
    book.hear(complaint(), NOW)
    const most = shapingLimits.flowLessons
    for (let at = 0; at <= most; at++)
      book.hear(
        complaint({ kind: 'campaign', tenant: 'shop', campaign: `c${at}`, at: 'google' }, 100),
        NOW,
      )
    assert.equal(book.flows.at('google')?.size, most)
    assert.equal(book.of('campaign shop google c0'), null)
    assert.ok(book.of(keyOf(path)))
  })

  it('stays within its bound, and forgets what changed longest ago', () => {
    const book = new LessonBook(1)
    const most = shapingLimits.lessons
    for (let at = 0; at <= most; at++)
      book.hear(complaint({ kind: 'path', source: 'out-1', site: `mx${at}` }), NOW)
    assert.equal(book.size, most)
    assert.equal(book.of('path out-1 mx0'), null)
    assert.ok(book.of('path out-1 mx1'))
  })
})

describe('Workers that share lessons', () => {
  /** Two, with connections of a path as they are. */
  async function workers(used: readonly [number, number]) {
    const clock = new ManualClock()
    let ledger: Ledger | null = new Ledger(2, clock.monotonic(), new LessonBook(10))
    const taught: string[] = []
    const all = used.map((open, index) => {
      const rounds = new LedgerRounds(
        async (ask) => {
          if (ledger === null) throw new Error('nobody answers')
          return ledger.ask(index, ask, clock.monotonic(), clock.now())
        },
        clock,
        { index, count: 2 },
        ({ after }) => void taught.push(`${index}: ${after}`),
      )
      const limits = [{ key: 'connections out-1 mx.example.net', limit: 10 }]
      const demand = { waiting: open, highestClass: 5, weightedDepth: open, oldestAge: ms(0) }
      const lane = rounds.slots.lane('lane', limits, { demand: () => demand, wake: () => {} })
      lane.allowed(open, open)
      return rounds.lessons
    })
    const turn = async (length: DurationMs) => {
      for (let past = 0; past < length; past += 500) {
        clock.advance(ms(500))
        for (let round = 0; round < 5; round++) await new Promise(setImmediate)
      }
    }
    await turn(seconds(10))
    const replace = () => {
      ledger = new Ledger(2, clock.monotonic(), new LessonBook(1_000))
    }
    const cut = () => {
      ledger = null
    }
    return { all, taught, turn, replace, cut }
  }

  it('all keep to what one of them heard, who alone says that it changed', async () => {
    const { all, taught, turn } = await workers([1, 1])
    all[0]?.hear(complaint())
    await turn(seconds(2))
    for (const lessons of all) assert.equal(lessons.of(keyOf(path))?.messageRate?.value, 300)
    assert.deepEqual(taught, ['0: 300'])
    all[0]?.hear(complaint({ kind: 'tenant', tenant: 'shop', at: 'google' }, 100))
    await turn(seconds(2))
    assert.equal(all[1]?.flows.at('google')?.size, 1)
  })

  it('measure together what went: the connections of others are as busy as their own', async () => {
    const { all, turn } = await workers([1, 3])
    all[0]?.hear(complaint(path, 10))
    await turn(seconds(2))
    assert.equal(all[1]?.of(keyOf(path))?.messageRate?.value, 20)
  })

  it('tell a new control process what they could not tell the old one, and forget what it does not know', async () => {
    const { all, cut, replace, turn } = await workers([1, 1])
    all[0]?.hear(complaint())
    await turn(seconds(2))
    cut()
    const other: Whom = { ...path, site: 'other' }
    all[1]?.hear(complaint(other))
    await turn(seconds(2))
    assert.equal(all[1]?.of(keyOf(other)), null)
    assert.equal(all[1]?.of(keyOf(path))?.messageRate?.value, 300, 'what was learned last holds')
    replace()
    await turn(seconds(3))
    for (const lessons of all) {
      assert.equal(lessons.of(keyOf(other))?.messageRate?.value, 300)
      assert.equal(lessons.of(keyOf(path)), null)
    }
  })
})

describe('Rates that are learned', () => {
  it('are whole messages by the minute, or by the hour below one', () => {
    assert.deepEqual(rateOf(330), { count: 330, per: seconds(60), burst: 1 })
    assert.deepEqual(rateOf(1.9), { count: 1, per: seconds(60), burst: 1 })
    assert.deepEqual(rateOf(0.5), { count: 30, per: seconds(3_600), burst: 1 })
    assert.deepEqual(rateOf(0.001).count, 1)
    assert.equal(perMinute({ count: 2, per: seconds(1) }), 120)
  })

  it('begin from what went in the last minute', () => {
    const traffic = new Traffic()
    assert.equal(traffic.perMinute(ms(0)), null)
    for (let at = 0; at < 120_000; at += 500) traffic.carried(ms(at))
    const measured = traffic.perMinute(ms(120_000)) ?? 0
    assert.ok(measured > 100 && measured < 130, String(measured))
    assert.equal(traffic.perMinute(ms(300_000)), null)
    const young = new Traffic()
    for (let at = 0; at < 20; at++) young.carried(ms(at))
    assert.equal(young.perMinute(ms(20)), 1_200)
  })
})
