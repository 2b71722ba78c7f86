// SPDX-License-Identifier: Apache-2.0
/** A dispatcher on a real journal, where no receiver is reached. */

import { AbortSet } from '../../src/base/abort-set.ts'
import { type DurationMs, instant, minutes, ms, seconds } from '../../src/base/brand.ts'
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts'
import { Lifecycle } from '../../src/base/lifecycle.ts'
import { silentLog } from '../../src/base/log.ts'
import type { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { DeliveryBudget } from '../../src/delivery/delivery-budget.ts'
import type { DeliveryContext } from '../../src/delivery/delivery-context.ts'
import { Dispatcher } from '../../src/delivery/dispatcher.ts'
import { OutcomeRecorder } from '../../src/delivery/outcome/outcome-recorder.ts'
import { Router } from '../../src/delivery/routing/routing.ts'
import type { Resolver } from '../../src/dns/resolver.ts'
import type { Event } from '../../src/events/event.ts'
import { OwnSlots } from '../../src/queue/shaping/connection-slots.ts'
import { LessonBook } from '../../src/queue/shaping/lesson-book.ts'
import { OwnLessons } from '../../src/queue/shaping/own-lessons.ts'
import { OwnRates } from '../../src/queue/shaping/own-rates.ts'
import { ShapingRules } from '../../src/queue/shaping/rules.ts'
import { type Campaign, campaignKey, plainCampaign } from '../../src/records/campaigns/campaign.ts'
import type { Slug } from '../../src/records/records.ts'
import { journalRig } from './journal-rig.ts'
import { noBrakes } from './no-brakes.ts'
import { eventsSoFar, type ReadEvent, readSome } from './spool-rig.ts'

const STEP_MS = 1_000
const source = {
  name: 'out',
  localAddress: null,
  families: [4],
  ehloName: 'relay.example',
  hop: null,
}

export const spring = plainCampaign('acme' as Slug, 'spring', instant(0))
export const stopped = { by: 'ann', why: 'a wrong price', since: instant(0) }

/** Of the resolver, to any question. */
export interface Answered {
  readonly kind: string
  readonly text?: string
  readonly ttl?: number
  readonly records?: readonly object[]
}

/** A dispatcher on a real journal; the DNS answers what `answer` is, for every name. */
export async function dispatcherRig(
  answer: Answered | Promise<Answered>,
  retryAfter: DurationMs = seconds(30),
) {
  const journal = await journalRig()
  const { clock, spool } = journal
  const suspensions: { queue: string }[] = []
  let campaigns: ReadonlyMap<string, Campaign> = new Map()
  let calls = 0
  const lifecycle = new Lifecycle((_, thrown) => {
    throw thrown
  })
  const resolver = { mx: async () => answer } as unknown as Resolver
  const common = { node: 'test', clock, log: silentLog, spool }
  const sendReports = () => Promise.resolve(true)
  const recorder = new OutcomeRecorder({ ...common, sendReports, onDiskFailure: () => {} })
  const context = {
    ...common,
    random: new SeededRandom(1),
    lifecycle,
    begun: new AbortSet(),
    recorder,
    suppressions: { find: () => null },
    directory: () => ({ suspensions, campaigns, stream: () => ({ retryAfter: [retryAfter] }) }),
    policy: () => ({ connections: 10, siteRests: [minutes(1)] }),
    sourcesOf: () => [{ item: source, weight: 1, isOverflow: false }],
    pools: { of: () => 'default', holds: () => null, signature: '' },
    wheel: new DeadlineWheel(clock),
    connector: {
      connect: () => {
        calls++
        if (calls > 100) throw new Error('called again and again')
        return Promise.resolve({ kind: 'failed', stage: 'connect', facts: null, said: 'us' })
      },
    },
    budget: new DeliveryBudget(),
    slots: new OwnSlots(),
    rates: new OwnRates(),
    lessons: new OwnLessons(new LessonBook(1), clock, () => {}),
    shaping: () => new ShapingRules({}, []),
    announce: () => {},
    brakes: noBrakes,
  } as unknown as DeliveryContext
  const dispatcher = new Dispatcher(
    context,
    new Router({
      resolver,
      clock,
      sandboxPort: () => Promise.reject(new Error('no sandbox')),
      rules: {
        routes: [],
        sites: [],
        tls: 'opportunistic',
        domainRuleOf: () => null,
        shapedTlsOf: () => null,
        addressFamilies: [],
      },
    }),
  )
  return {
    clock,
    spool,
    dispatcher,
    suspensions,
    /** Decides something about the only campaign, and about no other. */
    decide: (state: Campaign['state'], sendWindow: string | null = null) => {
      campaigns = new Map([[campaignKey('acme', 'spring'), { ...spring, state, sendWindow }]])
      dispatcher.refreshStopped()
    },
    /** The first `count` events; time goes on until there are so many. */
    events: async (count: number): Promise<readonly Event[]> => {
      let read: readonly ReadEvent[] | null = null
      void readSome(journal.feed, 'oldest', count).then((found) => {
        read = found
      })
      for (; read === null; clock.advance(ms(100))) await settle()
      return (read as readonly ReadEvent[]).map(({ event }) => event)
    },
    /** Connections that were asked for. */
    calls: () => calls,
    stop: async () => {
      dispatcher.stop()
      await lifecycle.stop()
    },
    ends: async (): Promise<number> =>
      (await eventsSoFar(journal)).filter(({ type }) => type === 'message.bounced').length,
    attempts: async (): Promise<number> =>
      (await eventsSoFar(journal)).filter(({ type }) => type === 'message.deferred').length,
    async [Symbol.asyncDispose]() {
      dispatcher.stop()
      await lifecycle.stop()
      await journal[Symbol.asyncDispose]()
    },
  }
}

/** Lets what is settled go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** In steps, so that all who wait in turn get theirs. */
export async function pass(clock: ManualClock, duration: DurationMs): Promise<void> {
  for (let passed = 0; passed < duration; passed += STEP_MS) {
    clock.advance(ms(STEP_MS))
    await settle()
    await settle()
  }
}
