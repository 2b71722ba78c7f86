// SPDX-License-Identifier: Apache-2.0
/** How the window of a site is filled. Its connections are tested with real ones, in the scenarios. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleMessage } from '../../../test/support/mail-samples.ts'
import { noBrakes } from '../../../test/support/no-brakes.ts'
import { type Instant, minutes, ms, plus } from '../../base/brand.ts'
import { Lifecycle } from '../../base/lifecycle.ts'
import { queueLimits } from '../../base/limits/limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { journalId, newMessageId } from '../../events/ids.ts'
import type { SiteName } from '../../protocol/mx.ts'
import type { EgressSourceName } from '../../queue/egress.ts'
import type { FlowGate } from '../../queue/flow-gate.ts'
import { OwnSlots } from '../../queue/shaping/connection-slots.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import { OwnLessons } from '../../queue/shaping/own-lessons.ts'
import { OwnRates } from '../../queue/shaping/own-rates.ts'
import { nobody } from '../../queue/shaping/rule-match.ts'
import { ShapingRules } from '../../queue/shaping/rules.ts'
import { defaultPolicy } from '../../queue/warm-up/thresholds.ts'
import type { SpoolAddress, WaitingRecipient } from '../../spool/message.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { Taken } from '../../spool/spool.ts'
import { DeliveryBudget } from '../delivery-budget.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { FlowGates } from '../flow-gates.ts'
import { SiteDelivery } from './site-delivery.ts'
import { SitePaths } from './site-paths.ts'

const CAMPAIGN = 'news:shop@example.net' as QueueName
const RECEIPTS = 'receipts:shop@example.net' as QueueName
const source = {
  name: 'out' as EgressSourceName,
  localAddress: null,
  families: [4 as const],
  ehloName: 'relay.example',
  hop: null,
}

interface Take {
  readonly queue: string
  readonly limit: number
  readonly answer: (taken: Taken) => void
}

const noRules = new ShapingRules({}, [])
const FOREVER = ms(Number.POSITIVE_INFINITY)

/** A site that opens no connections, before a spool that a test answers for. */
function rig(rules = noRules, hosts: readonly { name: string; preference: number }[] = []) {
  const clock = new ManualClock()
  const takes: Take[] = []
  const givenBack: WaitingRecipient[] = []
  const waits: [QueueName, Instant][] = []
  const shared = {
    clock,
    rates: new OwnRates(),
    lessons: new OwnLessons(new LessonBook(1), clock, () => {}),
  }
  const context = {
    ...shared,
    gates: new FlowGates(shared),
    random: new SeededRandom(1),
    lifecycle: new Lifecycle((_, thrown) => {
      throw thrown
    }),
    spool: {
      take: (queue: string, _now: Instant, limit: number) =>
        new Promise<Taken>((answer) => takes.push({ queue, limit, answer })),
      giveBack: (recipients: readonly WaitingRecipient[]) => void givenBack.push(...recipients),
    },
    policy: () => ({ connections: 0, siteRests: [minutes(1)] }),
    onWaiting: (queue: QueueName, at: Instant) => void waits.push([queue, at]),
    onWorking: () => {},
    budget: new DeliveryBudget(),
    slots: new OwnSlots(),
    shaping: () => rules,
    directory: () => ({ stream: () => null }),
    engagedPolicy: () => defaultPolicy.engaged,
    announce: () => {},
    brakes: noBrakes,
  } as unknown as DeliveryContext
  const site = 'mx.example.net' as SiteName
  const route = {
    kind: 'site',
    site,
    hosts,
    port: 25,
    tls: 'none',
    tlsNames: [],
    isSure: true,
    domainRule: null,
    addresses: new Map(),
    isConfigured: true,
    pool: null,
    freshUntil: FOREVER,
  } as const
  const paths = new SitePaths(
    'default',
    site,
    [{ item: source, weight: 1, isOverflow: false }],
    [minutes(1)],
    new SeededRandom(1),
  )
  const made = new SiteDelivery(context, paths, route, () => {})
  return { clock, takes, givenBack, waits, site: made }
}

/** The same, and the site is known to work. */
function workingRig() {
  const made = rig()
  for (const path of made.site.paths) path.success()
  return made
}

function recipients(clock: ManualClock, count: number): WaitingRecipient[] {
  const id = newMessageId(clock.now(), journalId(1), new SeededRandom(count))
  const names = Array.from({ length: count }, (_, at) => `user${at}@example.net`)
  const message = sampleMessage(id, clock.now(), { recipients: names })
  const state = { attempts: 0, dueAt: clock.now(), lastAttempt: null }
  return names.map((_, index) => ({ message, address: {} as SpoolAddress, index, ...state }))
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('A queue that is fed fills the window and says when its next recipient is due', async () => {
  const { clock, takes, waits, site } = workingRig()
  site.feed(CAMPAIGN, FOREVER)
  const later = plus(clock.now(), minutes(5))
  takes[0]?.answer({ recipients: recipients(clock, 3), nextDueAt: later })
  await settle()
  assert.equal(takes[0]?.limit, queueLimits.windowHigh)
  assert.equal(site.ready.size, 3)
  assert.deepEqual(waits, [[CAMPAIGN, later]])
  assert.equal(takes.length, 1)
})

test('A feed that comes while the index is read is not lost', async () => {
  const { clock, takes, site } = workingRig()
  site.feed(CAMPAIGN, FOREVER)
  site.feed(CAMPAIGN, FOREVER)
  takes[0]?.answer({ recipients: [], nextDueAt: null })
  await settle()
  takes[1]?.answer({ recipients: recipients(clock, 1), nextDueAt: null })
  await settle()
  assert.equal(site.ready.size, 1)
})

test('A receipt gets its share of a window that a campaign has filled', async () => {
  const { clock, takes, site } = workingRig()
  site.feed(CAMPAIGN, FOREVER)
  const due = clock.now()
  takes[0]?.answer({ recipients: recipients(clock, queueLimits.windowHigh), nextDueAt: due })
  await settle()
  site.feed(RECEIPTS, FOREVER)
  await settle()
  const take = takes.find(({ queue }) => queue === RECEIPTS)
  assert.ok((take?.limit ?? 0) >= queueLimits.windowShareLeast)
})

test('What a suspension overtakes on its way into the window goes back', async () => {
  const { clock, takes, givenBack, site } = workingRig()
  site.feed(CAMPAIGN, FOREVER)
  site.takeOut((queue) => queue === CAMPAIGN)
  takes[0]?.answer({ recipients: recipients(clock, 2), nextDueAt: null })
  await settle()
  assert.equal(site.ready.size, 0)
  assert.equal(givenBack.length, 2)
})

test('A queue whose route is no longer fresh is looked up anew, however much it still has', async () => {
  const { clock, takes, waits, site } = workingRig()
  const due = clock.now()
  site.feed(CAMPAIGN, ms(clock.monotonic() + minutes(5)))
  takes[0]?.answer({ recipients: recipients(clock, queueLimits.windowHigh), nextDueAt: due })
  await settle()
  assert.deepEqual(waits, [])
  clock.advance(minutes(5))
  site.remove(() => true)
  site.pump()
  await settle()
  assert.equal(takes.length, 1, 'nothing more is taken for this site')
  assert.deepEqual(waits, [[CAMPAIGN, clock.now()]])
})

test('A site that is not known to work gets one recipient from the index, then all that it has room for', async () => {
  const { clock, takes, site } = rig()
  const due = clock.now()
  site.feed(CAMPAIGN, FOREVER)
  takes[0]?.answer({ recipients: recipients(clock, 1), nextDueAt: due })
  await settle()
  site.pump()
  await settle()
  assert.deepEqual([takes.length, takes[0]?.limit], [1, 1])
  for (const path of site.paths) path.success()
  site.recovered(CAMPAIGN)
  await settle()
  assert.deepEqual([takes.length, takes[1]?.limit], [2, queueLimits.windowHigh - 1])
})

test('While every path rests nothing is taken for a site, and its mail waits until one may be tried', () => {
  const { clock, takes, waits, site } = rig()
  const [path] = site.paths
  const until = path?.backOff(clock.now(), 'refused')
  site.feed(CAMPAIGN, FOREVER)
  const [fresh] = recipients(clock, 1)
  assert.ok(fresh)
  assert.equal(site.offer({ waiting: fresh, queue: RECEIPTS, readySince: 0 }), false)
  assert.deepEqual(waits, [[CAMPAIGN, until]])
  assert.equal(takes.length, 0)
})

test('A queue that is fed while a cold window is stirred waits on, also where nobody of it was in the window', () => {
  const match = { ...nobody, mxHosts: ['mx.example.net'] }
  const provider = { level: 'provider' as const, provider: 'big', match, settings: {} }
  const startedAt = new ManualClock().now()
  const warmUp = {
    source: 'out',
    provider: 'big',
    state: 'advancing',
    allowance: 9,
    startedAt,
  } as const
  const rules = new ShapingRules({}, [provider]).withWarmUps(new Map([['out big', warmUp]]))
  const { clock, givenBack, waits, site } = rig(rules, [{ name: 'mx.example.net', preference: 10 }])
  const [other] = recipients(clock, 1)
  assert.ok(other)
  site.admit({ waiting: other, queue: RECEIPTS, readySince: 0 })
  const empty = { remove: () => [], release: () => [], *[Symbol.iterator]() {} }
  const lessons = { refresh: () => ({ free: [], isBegun: () => false }), isIdle: false }
  const full = { ...empty, ...lessons, isFull: () => true, keeps: () => false, size: 0 }
  site.ready.setGate(full as unknown as FlowGate)
  site.feed(CAMPAIGN, FOREVER)
  assert.equal(givenBack.length, 1)
  assert.deepEqual(waits.map(([queue]) => queue).sort(), [CAMPAIGN, RECEIPTS].sort())
})
