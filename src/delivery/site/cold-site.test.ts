// SPDX-License-Identifier: Apache-2.0
/** What of a site's mail each path may carry while sources are warmed up, on a clock that a test turns. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleMessage } from '../../../test/support/mail-samples.ts'
import { days, hours, minutes, ms, seconds } from '../../base/brand.ts'
import { queueLimits } from '../../base/limits/limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import type { MessageId } from '../../events/ids.ts'
import type { SiteName } from '../../protocol/mx.ts'
import type { EgressSourceName } from '../../queue/egress.ts'
import { ReadyQueue, type ReadyRecipient } from '../../queue/ready-queue.ts'
import { OwnSlots } from '../../queue/shaping/connection-slots.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import { OwnLessons } from '../../queue/shaping/own-lessons.ts'
import { OwnRates } from '../../queue/shaping/own-rates.ts'
import { nobody } from '../../queue/shaping/rule-match.ts'
import { ShapingRules } from '../../queue/shaping/rules.ts'
import { defaultPolicy } from '../../queue/warm-up/thresholds.ts'
import type { WhenCold } from '../../records/records.ts'
import { warmUpKey } from '../../records/warm-up.ts'
import type { SpoolAddress } from '../../spool/message.ts'
import { type QueueName, queueOf } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { ColdSite } from './cold-site.ts'
import type { PathShaper } from './path-shaper.ts'
import { SitePaths } from './site-paths.ts'
import { SiteShaping } from './site-shaping.ts'

const site = 'mx.example.net' as SiteName
const route = {
  hosts: [{ name: 'mx.example.net', preference: 10 }],
  addresses: new Map(),
  domainRule: null,
} as never
const provider = {
  level: 'provider' as const,
  provider: 'big',
  match: { ...nobody, mxHosts: ['mx.example.net'] },
  settings: {},
}

/** `allowances`: a day by source, for those that are warmed up; `overflow`: sources that only help. */
function rig(
  sources: readonly string[],
  allowances: Readonly<Record<string, number>>,
  overflow: readonly string[] = [],
) {
  const clock = new ManualClock()
  const startedAt = clock.now()
  const wishes: Record<string, WhenCold> = { receipts: 'pass', news: 'overflow', notes: 'wait' }
  const warmUps = Object.entries(allowances).map(([source, allowance]) => {
    const warmUp = { source, provider: 'big', state: 'advancing' as const, allowance, startedAt }
    return [warmUpKey(source, 'big'), warmUp] as const
  })
  const rules = new ShapingRules({}, [provider]).withWarmUps(new Map(warmUps))
  const context = {
    clock,
    slots: new OwnSlots(),
    rates: new OwnRates(),
    lessons: new OwnLessons(new LessonBook(1), clock, () => {}),
    shaping: () => rules,
    engagedPolicy: () => defaultPolicy.engaged,
    directory: () => ({
      stream: (_: string, name: string) => {
        const whenCold = wishes[name]
        return whenCold === undefined ? null : { whenCold }
      },
    }),
  } as unknown as DeliveryContext
  const pooled = [...sources, ...overflow].map((name) => ({
    item: {
      name: name as EgressSourceName,
      localAddress: null,
      families: [4] as const,
      ehloName: 'relay',
      hop: null,
    },
    weight: 1,
    isOverflow: overflow.includes(name),
  }))
  const paths = new SitePaths('default', site, pooled, [hours(1)], new SeededRandom(1))
  const ready = new ReadyQueue('default', site)
  const shaping = new SiteShaping(context, paths, route, { ready, pump: () => {} })
  const cold = new ColdSite(context, paths, shaping, ready)
  ready.setBerths(cold.berthOf)
  let count = 0
  return {
    ...{ clock, cold, paths, ready, wishes },
    shaper: (name: string): PathShaper =>
      shaping.of([...paths].find(({ path }) => path.source === name) ?? assert.fail('a path')),
    push: (stream: string, priority = 5, bands?: string) =>
      ready.push(recipient(stream, `m${++count}`, priority, bands)),
    /** Bands of what the path carries, one slot after the other. */
    carriedBands: (shaper: PathShaper, most: number): string[] =>
      Array.from({ length: most }, () => {
        clock.advance(hours(1.1))
        const granted = cold.grant(shaper, clock.monotonic())
        if (granted === null || typeof granted === 'number') return '-'
        return ready.pull(1, 'all', granted)?.[0].waiting.message.bands ?? 'none'
      }),
    /** Streams of what the path carries now, one transaction after the other. */
    carried: (shaper: PathShaper): string[] => {
      const streams: string[] = []
      for (;;) {
        const granted = cold.grant(shaper, clock.monotonic())
        if (granted === null || typeof granted === 'number') return streams
        const [first] = ready.pull(1, 'all', granted) ?? assert.fail('what was granted is there')
        streams.push(first.waiting.message.stream)
      }
    },
    opens: (shaper: PathShaper): boolean => {
      shaping.beginRound()
      return cold.mayOpen(shaper, 0)
    },
  }
}

function recipient(stream: string, id: string, priority: number, bands?: string): ReadyRecipient {
  const message = sampleMessage(id as MessageId, new ManualClock().now(), {
    stream,
    priority,
    ...(bands !== undefined && { bands }),
  })
  const waiting = { message, address: {} as SpoolAddress, index: 0, attempts: 0 }
  return {
    waiting: { ...waiting, dueAt: message.receivedAt, lastAttempt: null },
    queue: queueOf(message, 0),
    readySince: 0,
  }
}

describe('Where a source is warmed up', () => {
  it('what finds no room goes from a warm source of the pool, whatever its stream wants', () => {
    const { carried, opens, push, shaper } = rig(['cold', 'warm'], { cold: 24 })
    for (const stream of ['news', 'notes', 'news']) push(stream)
    assert.deepEqual(carried(shaper('cold')), ['news'])
    assert.equal(opens(shaper('cold')), false)
    assert.equal(opens(shaper('warm')), true)
    assert.deepEqual(carried(shaper('warm')), ['notes', 'news'])
  })

  it('it goes from the overflow pool where its stream lets it, and waits for its own where not', () => {
    const { carried, clock, cold, opens, push, shaper } = rig(['cold'], { cold: 24 }, ['spare'])
    for (const stream of ['news', 'notes', 'news', 'notes']) push(stream)
    assert.deepEqual(carried(shaper('cold')), ['news'])
    assert.equal(opens(shaper('spare')), true)
    assert.deepEqual(carried(shaper('spare')), ['news'])
    assert.equal(opens(shaper('spare')), false, 'what is left waits')
    const ways = cold.waysOf('notes:shop@example.net' as QueueName)
    assert.deepEqual(
      ways.map(({ path }) => path.source),
      ['cold'],
    )
    clock.advance(hours(2))
    assert.deepEqual(carried(shaper('cold')), ['notes'])
  })

  it('the overflow pool helps all streams where the own source does not work at all', () => {
    const { carried, clock, paths, push, shaper } = rig(['cold'], { cold: 24 }, ['spare'])
    const [path] = paths
    path?.backOff(clock.now(), 'refused')
    push('notes')
    assert.deepEqual(carried(shaper('spare')), ['notes'])
  })
})

describe('A receipt', () => {
  it('goes first, and beside the allowance where nothing has room', () => {
    const { carried, push, shaper } = rig(['cold'], { cold: 24 })
    for (let at = 0; at < 3; at++) push('news')
    for (let at = 0; at < 3; at++) push('receipts', 2)
    assert.deepEqual(carried(shaper('cold')), ['receipts', 'receipts', 'receipts'])
  })

  it('is counted: what waits has less room for it, at most that of a day', () => {
    const { carried, clock, push, shaper } = rig(['cold'], { cold: 24 })
    for (let at = 0; at < 4; at++) push('receipts', 2)
    assert.equal(carried(shaper('cold')).length, 4)
    for (let at = 0; at < 3; at++) push('news')
    clock.advance(hours(3))
    assert.deepEqual(carried(shaper('cold')), [], 'four slots are used up')
    clock.advance(hours(1.5))
    assert.deepEqual(carried(shaper('cold')), ['news'])
    for (let at = 0; at < 200; at++) push('receipts', 2)
    assert.equal(carried(shaper('cold')).length, 200)
    clock.advance(ms(days(1) + hours(2.5)))
    assert.deepEqual(carried(shaper('cold')), ['news'])
  })

  it('does not pass where another source has room, and does when that one rests', () => {
    const { carried, clock, paths, push, shaper } = rig(['cold', 'warm'], { cold: 24 })
    push('news')
    assert.deepEqual(carried(shaper('cold')), ['news'])
    push('receipts', 2)
    assert.deepEqual(carried(shaper('cold')), [])
    ;[...paths][1]?.backOff(clock.now(), 'down')
    assert.deepEqual(carried(shaper('cold')), ['receipts'])
  })

  it('passes a warm-up that is paused, which holds everything else', () => {
    const { carried, push, shaper } = rig(['cold'], { cold: 0 })
    for (const stream of ['news', 'receipts', 'notes']) push(stream)
    assert.deepEqual(carried(shaper('cold')), ['receipts'])
  })

  it('passes by a source of the pool, not by one of the overflow pool that is cold as well', () => {
    const { cold, carried, push, shaper } = rig(['cold'], { cold: 0, spare: 0 }, ['spare'])
    push('receipts', 2)
    assert.equal(cold.maySend(shaper('spare')), false)
    assert.deepEqual(carried(shaper('spare')), [])
    assert.deepEqual(carried(shaper('cold')), ['receipts'])
  })

  it('gets a connection of its own, and no more than there are receipts', () => {
    const { cold, push, shaper } = rig(['cold'], { cold: 0 })
    push('news')
    assert.equal(cold.mayOpenBeside(shaper('cold'), 0), false)
    push('receipts', 2)
    assert.equal(cold.mayOpenBeside(shaper('cold'), 0), true)
    assert.equal(cold.mayOpenBeside(shaper('cold'), 1), false)
  })
})

describe('A source in warm-up', () => {
  it('sends to the engaged first, and at first not to who has not engaged for long', () => {
    const { carriedBands, clock, cold, push, ready, shaper } = rig(['cold'], { cold: 24 })
    for (const bands of ['0', '1', '3', '2', '3', '0']) push('news', 5, bands)
    const queue = 'news:shop@example.net' as QueueName
    assert.equal(cold.isForNobodyGlad(queue), false)
    assert.deepEqual(carriedBands(shaper('cold'), 5), ['3', '3', '2', '1', '-'])
    assert.equal(ready.size, 2)
    assert.equal(cold.isForNobodyGlad(queue), true)
    clock.advance(ms(days(42)))
    assert.deepEqual(carriedBands(shaper('cold'), 3), ['0', '0', '-'])
  })

  it('leaves those to a warm source of the pool, which serves all in turn', () => {
    const { carriedBands, push, shaper } = rig(['cold', 'warm'], { cold: 24 })
    for (const bands of ['3', '3', '0', '0']) push('news', 5, bands)
    assert.deepEqual(carriedBands(shaper('warm'), 4), ['3', '0', '3', '0'])
  })

  it('sends by priority first: a receipt goes before the most engaged', () => {
    const { carriedBands, push, shaper } = rig(['cold'], { cold: 24 })
    push('news', 5, '3')
    push('receipts', 2)
    assert.deepEqual(carriedBands(shaper('cold'), 2), ['none', '3'])
  })

  it('has its window filled anew, at most once a minute, where it is full of those who engage less', () => {
    const { clock, cold, push } = rig(['cold'], { cold: 24 })
    const queue = 'news:shop@example.net' as QueueName
    for (let at = 0; at < queueLimits.windowHigh - 1; at++) push('news', 5, '1')
    assert.equal(cold.isToStir(queue), false, 'there is room')
    push('news', 5, '1')
    assert.equal(cold.isToStir(queue), true)
    assert.equal(cold.isToStir(queue), false)
    clock.advance(minutes(1))
    assert.equal(cold.isToStir(queue), true)
  })
})

describe('A stream whose choice has changed', () => {
  it('has its mail that waits go by the new one', () => {
    const { carried, cold, push, ready, shaper, wishes } = rig(['cold'], { cold: 0 }, ['spare'])
    push('notes')
    push('notes')
    assert.deepEqual(carried(shaper('spare')), [])
    wishes['notes'] = 'overflow'
    ready.setBerths(cold.berthOf)
    assert.deepEqual(carried(shaper('spare')), ['notes', 'notes'])
    assert.equal(ready.size, 0)
  })
})

describe('Slots that workers are lent', () => {
  it('are given up for what passed beside them', async () => {
    const { LentRates } = await import('../../queue/shaping/lent-rates.ts')
    const clock = new ManualClock()
    const lender = { isAlone: false, aloneSince: ms(0), want: () => {} }
    const rates = new LentRates(lender, clock, { index: 0, count: 2 })
    const limits = [{ key: 'warmUp a b', limit: { count: 100, per: seconds(100), burst: 1 } }]
    const demand = { waiting: 9, highestClass: 5, weightedDepth: 9, oldestAge: ms(0) }
    const lane = rates.lane('l', limits, { demand: () => demand, wake: () => {} })
    lane.look(clock.monotonic())
    lane.charge(clock.monotonic())
    const [ask] = rates.asks()
    assert.equal(ask?.demand.waiting, 9)
    const slots = [0, 1, 2].map((at) => (clock.monotonic() + at) * 1_000) as never
    rates.learn([{ lane: 'l', slots, askAgainAt: 0 as never, binds: null }])
    assert.equal(lane.admit(clock.monotonic()).kind, 'wait', 'the first slot was owed')
    clock.advance(ms(1))
    assert.equal(lane.admit(clock.monotonic()).kind, 'go')
  })
})
