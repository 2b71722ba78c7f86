// SPDX-License-Identifier: Apache-2.0
/** The limits of a site's paths, on a clock that a test turns. Real connections are in the scenarios. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ms, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import type { SiteName } from '../../protocol/mx.ts'
import type { EgressSource, EgressSourceName } from '../../queue/egress.ts'
import { ReadyQueue } from '../../queue/ready-queue.ts'
import { OwnSlots } from '../../queue/shaping/connection-slots.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import { OwnLessons } from '../../queue/shaping/own-lessons.ts'
import { OwnRates } from '../../queue/shaping/own-rates.ts'
import { type LimitValues, type Settings, ShapingRules } from '../../queue/shaping/rules.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { SitePaths } from './site-paths.ts'
import { SiteShaping } from './site-shaping.ts'

const site = 'mx.example.net' as SiteName
const route = {
  hosts: [{ name: 'mx.example.net', preference: 10 }],
  addresses: new Map(),
  domainRule: null,
} as const

function source(name: string): EgressSource {
  return {
    name: name as EgressSourceName,
    localAddress: null,
    families: [4],
    ehloName: 'relay',
    hop: null,
  }
}

function pooled(sources: readonly EgressSource[]) {
  return sources.map((item) => ({ item, weight: 1, isOverflow: false }))
}

/** Of a site with these limits, from `sources` sources. */
function rig(limits: Partial<LimitValues>, sources = 1) {
  const clock = new ManualClock()
  const origin = { level: 'default', file: 'test.toml', line: 1 } as const
  const given = Object.entries(limits).map(([name, value]) => [name, { value, origin }])
  let rules = new ShapingRules(Object.fromEntries(given) as Settings, [])
  const context = {
    clock,
    slots: new OwnSlots(),
    rates: new OwnRates(),
    lessons: new OwnLessons(new LessonBook(1), clock, () => {}),
    shaping: () => rules,
  } as unknown as DeliveryContext
  const names = Array.from({ length: sources }, (_, at) => source(`out-${at}`))
  const paths = new SitePaths('default', site, pooled(names), [seconds(60)], new SeededRandom(1))
  let pumps = 0
  const ready = new ReadyQueue('default', site)
  const shaping = new SiteShaping(context, paths, route as never, {
    ready,
    pump: () => void pumps++,
  })
  return {
    clock,
    shaping,
    shapers: Array.from(paths, (path) => shaping.of(path)),
    pumps: () => pumps,
    change: (settings: Settings) => {
      rules = new ShapingRules(settings, [])
      shaping.refresh(route as never)
    },
  }
}

const perMinute = { count: 60, per: seconds(60), burst: 1 }

describe('The shaping of a site', () => {
  it('gives a paced path one connection a round, and looks again when there is the next slot', () => {
    const { clock, pumps, shapers, shaping } = rig({ messageRate: perMinute })
    const [shaper] = shapers
    assert.ok(shaper)
    shaping.beginRound()
    assert.equal(shaping.mayOpen(shaper, 5), true)
    assert.equal(shaping.mayOpen(shaper, 5), false, 'the slot may be used by then')
    assert.equal(shaper.admit(clock.monotonic()).kind, 'go')
    clock.advance(ms(1))
    assert.equal(pumps(), 1)
    shaping.beginRound()
    assert.equal(shaping.maySend(shaper), false)
    assert.equal(shaper.binding?.limit, 'messageRate')
    clock.advance(seconds(1))
    assert.equal(pumps(), 2)
    assert.equal(shaping.maySend(shaper), true)
  })

  it('keeps each path to its own connections, and all of a source to none beyond them', () => {
    const { shapers, shaping } = rig({ connections: 2 }, 2)
    for (const shaper of shapers) {
      shaping.beginRound()
      shaper.open = 2
      assert.equal(shaping.mayOpen(shaper, 5), false)
      assert.deepEqual(shaper.binding, { limit: 'connections', until: null })
    }
    const [first] = shapers
    if (first) first.open = 1
    assert.equal(first && shaping.mayOpen(first, 1), true)
    assert.equal(first?.binding, null)
  })

  it('keeps to the rate of new connections', () => {
    const { clock, shapers, shaping } = rig({ connectionRate: perMinute })
    const [shaper] = shapers
    assert.ok(shaper)
    shaping.beginRound()
    assert.equal(shaping.mayOpen(shaper, 1), true)
    shaper.opens(clock.monotonic())
    shaping.beginRound()
    assert.equal(shaping.mayOpen(shaper, 1), false)
    clock.advance(seconds(2))
    assert.equal(shaping.mayOpen(shaper, 1), true)
  })

  it('takes new rules for paths that wait, and forgets no message that was sent before', () => {
    const { change, clock, shapers } = rig({ messageRate: perMinute })
    const [shaper] = shapers
    assert.ok(shaper)
    assert.equal(shaper.admit(clock.monotonic()).kind, 'go')
    const origin = { level: 'default', file: 'test.toml', line: 1 } as const
    change({ messageRate: { value: { ...perMinute, count: 30 }, origin } })
    assert.equal(shaper.look(clock.monotonic()).kind, 'wait')
    change({})
    assert.equal(shaper.isPaced, false)
    assert.equal(shaper.look(clock.monotonic()).kind, 'go')
  })
})

describe('A warm-up that is paused', () => {
  it('lets nothing go, says so, and is looked at again within a minute', () => {
    const { change, clock, pumps, shapers, shaping } = rig({
      warmUp: { count: 0, per: seconds(86_400), burst: 1 },
    })
    const [shaper] = shapers
    assert.ok(shaper)
    assert.equal(shaper.isPaced, true)
    shaping.beginRound()
    assert.equal(shaping.mayOpen(shaper, 5), false)
    assert.equal(shaping.maySend(shaper), false)
    assert.equal(shaper.admit(clock.monotonic()).kind, 'wait')
    assert.equal(shaper.binding?.limit, 'warmUp')
    clock.advance(seconds(60))
    assert.equal(pumps(), 1)
    change({})
    assert.equal(shaper.isPaced, false)
    assert.equal(shaping.mayOpen(shaper, 5), true)
  })
})
