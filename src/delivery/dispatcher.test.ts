// SPDX-License-Identifier: Apache-2.0
/** Mail on its way from the journal to an outcome where no receiver is reached; the rest is tested with real ones, in scenarios. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { journalRig } from '../../test/support/journal-rig.ts'
import { noBrakes } from '../../test/support/no-brakes.ts'
import { eventsSoFar, type ReadEvent, readSome, submit } from '../../test/support/spool-rig.ts'
import { type DurationMs, hours, instant, minutes, ms, plus, seconds } from '../base/brand.ts'
import { DeadlineWheel } from '../base/deadline-wheel.ts'
import { Lifecycle } from '../base/lifecycle.ts'
import { silentLog } from '../base/log.ts'
import type { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import type { Resolver } from '../dns/resolver.ts'
import type { Event } from '../events/event.ts'
import { OwnSlots } from '../queue/shaping/connection-slots.ts'
import { LessonBook } from '../queue/shaping/lesson-book.ts'
import { OwnLessons } from '../queue/shaping/own-lessons.ts'
import { OwnRates } from '../queue/shaping/own-rates.ts'
import { ShapingRules } from '../queue/shaping/rules.ts'
import { type Campaign, campaignKey, plainCampaign } from '../records/campaign.ts'
import type { Slug } from '../records/records.ts'
import { DeliveryBudget } from './delivery-budget.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { Dispatcher } from './dispatcher.ts'
import { OutcomeRecorder } from './outcome-recorder.ts'
import { Router } from './routing.ts'

const STEP_MS = 1_000
const source = {
  name: 'out',
  localAddress: null,
  families: [4],
  ehloName: 'relay.example',
  hop: null,
}

const spring = plainCampaign('acme' as Slug, 'spring', instant(0))
const stopped = { by: 'ann', why: 'a wrong price', since: instant(0) }

/** Of the resolver, to any question. */
interface Answered {
  readonly kind: string
  readonly text?: string
  readonly ttl?: number
  readonly records?: readonly object[]
}

/** A dispatcher on a real journal; the DNS answers what `answer` is, for every name. */
async function rig(answer: Answered | Promise<Answered>, retryAfter: DurationMs = seconds(30)) {
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
      },
    }),
  )
  return {
    clock,
    spool,
    dispatcher,
    suspensions,
    /** Decides something about the only campaign, and about no other. */
    decide: (state: Campaign['state']) => {
      campaigns = new Map([[campaignKey('acme', 'spring'), { ...spring, state }]])
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
    attempts: async (): Promise<number> =>
      (await eventsSoFar(journal)).filter(({ type }) => type === 'message.deferred').length,
    async [Symbol.asyncDispose]() {
      dispatcher.stop()
      await lifecycle.stop()
      await journal[Symbol.asyncDispose]()
    },
  }
}

test('Mail to a domain that does not exist bounces, by our routing', async () => {
  await using relay = await rig({ kind: 'no-such-domain', ttl: 60_000 })
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  const [, bounced] = await relay.events(2)
  assert.equal(bounced?.type, 'message.bounced')
  assert.equal(bounced?.type === 'message.bounced' && bounced.by, 'routing')
})

test('While the DNS fails mail is tried again by the schedule of its stream', async () => {
  await using relay = await rig({ kind: 'failed', text: 'SERVFAIL' })
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  await relay.events(2)
  await settle()
  relay.clock.advance(seconds(33))
  const [, , second] = await relay.events(3)
  assert.equal(second?.type, 'message.deferred')
  assert.equal(second?.type === 'message.deferred' && second.attempt, 2)
})

test('After a start everything that waits is tried when it is due', async () => {
  await using relay = await rig({ kind: 'no-such-domain', ttl: 60_000 })
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.spool.giveBack(recipients)
  relay.dispatcher.start()
  relay.clock.advance(seconds(1))
  const [, bounced] = await relay.events(2)
  assert.equal(bounced?.type, 'message.bounced')
})

test('Mail of a suspended queue is not tried, and expires all the same', async () => {
  await using relay = await rig({ kind: 'no-such-domain', ttl: 60_000 })
  relay.suspensions.push({ queue: '*' })
  relay.dispatcher.start()
  const now = relay.clock.now()
  const { recipients } = await submit(relay.spool, now, { expiresAt: plus(now, seconds(30)) })
  relay.dispatcher.enqueue(recipients)
  relay.clock.advance(seconds(10))
  await settle()
  relay.clock.advance(minutes(1))
  const [, expired] = await relay.events(2)
  assert.equal(expired?.type, 'message.expired')
  assert.equal(expired?.type === 'message.expired' && expired.attempts, 0)
})

test('A paused campaign sends nothing until it is resumed; mail of another goes', async () => {
  await using relay = await rig({ kind: 'no-such-domain', ttl: 60_000 })
  relay.dispatcher.start()
  relay.decide({ kind: 'paused', ...stopped })
  const now = relay.clock.now()
  const held = await submit(relay.spool, now, { tenant: 'acme', campaign: 'spring' })
  const other = await submit(relay.spool, now, { tenant: 'acme', campaign: 'summer' })
  relay.dispatcher.enqueue([...held.recipients, ...other.recipients])
  const [, , first] = await relay.events(3)
  assert.equal(first?.type === 'message.bounced' && first.messageId, other.message.id)
  assert.match(relay.dispatcher.whyStopped('bulk.spring:acme@x.example') ?? '', /paused by ann/)
  relay.decide({ kind: 'running' })
  const [, , , second] = await relay.events(4)
  assert.equal(second?.type === 'message.bounced' && second.messageId, held.message.id)
})

test('All mail of a cancelled campaign ends with an event, what waits for its time and what comes too late as well', async () => {
  await using relay = await rig({ kind: 'failed', text: 'SERVFAIL' }, hours(10))
  relay.dispatcher.start()
  const label = { tenant: 'acme', campaign: 'spring' }
  const early = await submit(relay.spool, relay.clock.now(), label)
  relay.dispatcher.enqueue(early.recipients)
  await relay.events(2)
  relay.decide({ kind: 'cancelled', ...stopped })
  const late = await submit(relay.spool, relay.clock.now(), label)
  relay.dispatcher.enqueue(late.recipients)
  const ends = (await relay.events(5)).filter((event) => event.type === 'message.cancelled')
  assert.deepEqual(
    new Set(ends.map(({ messageId, by }) => `${messageId} ${by}`)),
    new Set([`${early.message.id} ann`, `${late.message.id} ann`]),
  )
})

test('A process that starts anew goes on to end what was cancelled', async () => {
  await using relay = await rig({ kind: 'failed', text: 'SERVFAIL' }, hours(10))
  const all = await Promise.all(
    Array.from({ length: 5 }, (_, at) =>
      submit(relay.spool, relay.clock.now(), {
        ...{ tenant: 'acme', campaign: 'spring' },
        recipients: Array.from({ length: 90 }, (_, to) => `user${to}@d${at % 2}.example`),
      }),
    ),
  )
  for (const { recipients } of all) relay.spool.giveBack(recipients)
  relay.decide({ kind: 'cancelled', ...stopped })
  relay.dispatcher.start()
  const events = await relay.events(455)
  assert.equal(events.filter(({ type }) => type === 'message.cancelled').length, 450)
})

test('A clock that is set back by hours makes nobody wait for hours more', async () => {
  await using relay = await rig({ kind: 'failed', text: 'SERVFAIL' }, minutes(60))
  relay.dispatcher.start()
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  await relay.events(2)
  relay.clock.jump(hours(-6))
  const [, , second] = await relay.events(3)
  assert.equal(second?.type === 'message.deferred' && second.attempt, 2)
  assert.ok(relay.clock.monotonic() < minutes(90), 'it came when its hour was over')
})

test('A clock that is set forward by hours costs each recipient one early attempt, and then its schedule holds', async () => {
  await using relay = await rig({ kind: 'failed', text: 'SERVFAIL' }, minutes(60))
  relay.dispatcher.start()
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  await relay.events(2)
  relay.clock.jump(hours(6))
  await pass(relay.clock, minutes(30))
  assert.equal(await relay.attempts(), 2)
  // A mark of `attempts` is among them.
  await relay.events(5)
  const passed = relay.clock.monotonic()
  assert.ok(passed > minutes(54), `the next came after ${passed} ms, less than the schedule's hour`)
})

test('A site that mail finds only when the relay stops is not called', async () => {
  const asked = Promise.withResolvers<Answered>()
  await using relay = await rig(asked.promise)
  const { recipients } = await submit(relay.spool, relay.clock.now())
  relay.dispatcher.enqueue(recipients)
  const stopped = relay.stop()
  const records = [{ preference: 10, exchange: 'mx.example.net' }]
  asked.resolve({ kind: 'found', records, ttl: 60_000 })
  await stopped
  assert.equal(relay.calls(), 0)
})

/** Lets what is settled go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** In steps, so that all who wait in turn get theirs. */
async function pass(clock: ManualClock, duration: DurationMs): Promise<void> {
  for (let passed = 0; passed < duration; passed += STEP_MS) {
    clock.advance(ms(STEP_MS))
    await settle()
    await settle()
  }
}
