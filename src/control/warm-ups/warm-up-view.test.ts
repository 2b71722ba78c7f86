// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { answer, providerOf, THROTTLED, throttled } from '../../../test/support/warm-up-answers.ts'
import { hours, instant, minutes, ms } from '../../base/brand.ts'
import { Keyring } from '../../base/keyring.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import type { Event } from '../../events/event.ts'
import { journalId, lsn } from '../../events/ids.ts'
import { defaultPolicy } from '../../queue/warm-up/thresholds.ts'
import type { Directory } from '../../records/directory.ts'
import type { Engaged } from '../../records/engagement.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Store } from '../../records/store.ts'
import { type WarmUpRecord, warmUpKey } from '../../records/warm-up.ts'
import type { EventFeed, FeedStart } from '../../spool/event-feed.ts'
import { wayFinder } from '../rates/way-of-mail.ts'
import { WarmUpService } from './warm-up-service.ts'
import { WarmUpView } from './warm-up-view.ts'

const keyring = new Keyring(new Map([[1, Buffer.alloc(32, 1)]]), new SeededRandom(1))
const START = Date.UTC(2026, 0, 5)
const schedule = { name: 'posthaste', origin: 'here', allowances: [200, 500, 1_000, 2_000] }
describe('The view that moves warm-ups', () => {
  let clock: ManualClock
  let kept: Map<string, WarmUpRecord>
  let cursor: string | null
  let said: string[]
  let starts: FeedStart[]
  let events: Event[]
  let isAway: boolean
  let engaged: Engaged[]
  let service: WarmUpService
  let view: WarmUpView
  let restarted: () => WarmUpView
  const traces = new Map<string, Event[] | Promise<Event[]>>()

  beforeEach(async () => {
    clock = new ManualClock(instant(START))
    kept = new Map()
    cursor = null
    said = []
    starts = []
    events = []
    isAway = false
    engaged = []
    const store = {
      engagement: {
        note: async (all: readonly Engaged[]) => void engaged.push(...all),
        forget: async () => 0,
        size: async () => 0,
      },
      warmUps: {
        list: async () => [...kept.values()],
        put: async (record: WarmUpRecord) => {
          kept.set(warmUpKey(record.source, record.provider), record)
        },
      },
      views: {
        cursor: async () => cursor,
        put: async (_: string, at: string) => {
          cursor = at
        },
      },
      transaction: async (work: (inner: Store) => Promise<unknown>) => {
        if (isAway) throw new Error('away')
        return await work(store as unknown as Store)
      },
    }
    const feed = {
      async *read(start: FeedStart, signal: AbortSignal) {
        starts.push(start)
        yield {
          events: events.map((event) => ({ event })),
          cursor: new Map([[journalId(1), lsn(7)]]),
        }
        await clock.sleep(hours(1_000), signal)
      },
    } as unknown as EventFeed
    const context = {
      records: { store, clock, keyring } as unknown as RecordsContext,
      rules: () => ({ schedules: new Map([['posthaste', schedule]]), policy: defaultPolicy }),
      sources: () => ['out-1'],
      providers: () => ['outlook'],
      providerOf,
      announce: async (source: string, { text }: { readonly text: string }) => {
        said.push(`${source}: ${text}`)
      },
    }
    service = new WarmUpService(context)
    await service.start('out-1', 'outlook', 'posthaste', 2_000)
    said = []
    const trace = async (id: string) => traces.get(id) ?? Promise.reject(new Error('unknown'))
    const search = { find: async () => ({ events: [], next: null }) }
    const directory = () => ({ warmUps: kept }) as unknown as Directory
    restarted = () =>
      new WarmUpView({
        ...{ ...context, feed, directory, log: silentLog },
        wayOf: wayFinder(search, { trace }),
      })
    view = restarted()
  })

  /** Reads `events`, and turns the clock by ten minutes and a second. */
  async function follow(): Promise<void> {
    const stop = new AbortController()
    const following = view.follow(stop.signal)
    await turn()
    stop.abort()
    await following
  }

  async function turn(): Promise<void> {
    await settle()
    clock.advance(ms(minutes(10) + 1_000))
    await settle()
  }

  it('counts answers, slows what is deferred, and says so', async () => {
    const deferral = { reply: THROTTLED, said: 'peer', meaning: throttled }
    events = [
      ...Array.from({ length: 8 }, () => answer('deferred', START, deferral)),
      ...Array.from({ length: 50 }, () => answer('delivered', START)),
    ]
    await follow()
    assert.deepEqual(starts, ['oldest'])
    assert.equal(cursor, '1:1.7')
    assert.equal((await service.show('out-1', 'outlook')).allowance, 1_000)
    assert.deepEqual(said, [
      "out-1: Slowed to 1,000 a day at Outlook for the rest of today: 14 % of the last hour's 58 were deferred with S775 (limit 2 %).",
    ])
  })

  it('counts a complaint for the source by which its mail went', async () => {
    traces.set('m', [answer('delivered', START - 5_000)])
    events = [
      answer('complained', START, { feedbackType: 'abuse', certainty: 'proven', messageId: 'm' }),
      answer('complained', START, {
        feedbackType: 'abuse',
        certainty: 'proven',
        messageId: 'long gone',
      }),
    ]
    await follow()
    const { signals } = await service.show('out-1', 'outlook')
    assert.equal(JSON.parse(signals).days[0].counts.complained, 1)
  })

  it('counts what is returned against the day on which its mail was taken, and not as an answer', async () => {
    events = Array.from({ length: 300 }, () => answer('delivered', START))
    await follow()
    clock.advance(hours(30))
    traces.set('m', [answer('delivered', START)])
    const diagnosis = { code: 550, enhanced: '5.1.1', text: 'No such user' }
    const meaning = { class: 'no-such-mailbox' }
    const report = { by: 'report', certainty: 'proven', diagnosis, meaning }
    events = Array.from({ length: 3 }, () => answer('bounced', START + 30 * 3_600_000, report))
    await follow()
    const { days } = JSON.parse((await service.show('out-1', 'outlook')).signals)
    assert.deepEqual(
      [days[0].counts.delivered, days[1].counts.bounced, days[1].counts.returned],
      [300, 0, 3],
    )
    assert.deepEqual(days[1].returnedOf, [[START / 86_400_000, 3]])
  })

  it('counts who opens or clicks once, for the source by which the mail went, and no machine', async () => {
    const hit = (type: string, id: string, more: object = {}) =>
      answer(type, START, { id, tenant: 'shop', recipient: 'ann@x.test', machine: null, ...more })
    const scanned = hit('clicked', '1', { machine: 'scanner' })
    events = [scanned, hit('opened', '2'), hit('opened', '3'), hit('clicked', '4')]
    traces.set('m', [answer('delivered', START - 5_000), ...events])
    await follow()
    const { signals } = await service.show('out-1', 'outlook')
    assert.equal(JSON.parse(signals).days[0].counts.engaged, 1)
    assert.equal(engaged.length, 3)
    assert.deepEqual([engaged[0]?.tenant, engaged[0]?.day], ['shop', START / 86_400_000])
    assert.equal(engaged[0]?.addressHash.length, 8)
  })

  it('counts once what was read together, where it was killed while a part of that was looked up', async () => {
    const hit = (type: string, id: string) =>
      answer(type, START, { id, tenant: 'shop', recipient: 'ann@x.test', machine: null })
    events = [
      answer('delivered', START),
      hit('opened', '1'),
      hit('clicked', '2'),
      answer('complained', START, {
        feedbackType: 'abuse',
        certainty: 'proven',
        messageId: 'slow',
      }),
      answer('delivered', START),
    ]
    traces.set('m', [answer('delivered', START - 5_000)])
    traces.set('slow', new Promise(() => {}))
    void view.follow(new AbortController().signal)
    await turn()
    assert.equal(cursor, null, 'nothing of it is in the records')
    traces.set('slow', [answer('delivered', START - 5_000)])
    view = restarted()
    await follow()
    const { signals } = await service.show('out-1', 'outlook')
    const { complained, delivered, engaged: glad } = JSON.parse(signals).days[0].counts
    assert.deepEqual({ complained, delivered, glad }, { complained: 1, delivered: 2, glad: 1 })
    assert.equal(engaged.length, 2)
    assert.equal(cursor, '1:1.7')
  })

  it('shows what was read before it is judged and written, and once after that', async () => {
    const delivered = async () => {
      const { signals } = await service.show('out-1', 'outlook')
      return JSON.parse(signals).days[0]?.counts.delivered ?? 0
    }
    service.useCounts(view)
    events = [answer('delivered', START), answer('delivered', START - 60_000)]
    const stop = new AbortController()
    const following = view.follow(stop.signal)
    await settle()
    assert.equal(await delivered(), 1, 'what was said before it began is left alone')
    assert.equal(cursor, null, 'nothing is written')
    await turn()
    assert.notEqual(cursor, null)
    assert.equal(await delivered(), 1)
    stop.abort()
    await following
  })

  it('keeps who engages also where nothing is warmed up yet', async () => {
    kept.clear()
    events = [answer('opened', START, { tenant: 'shop', recipient: 'ann@x.test', machine: null })]
    await follow()
    assert.equal(engaged.length, 1)
  })

  it('leaves alone what was said before a warm-up began', async () => {
    events = [answer('delivered', START - 60_000)]
    await follow()
    const { signals } = await service.show('out-1', 'outlook')
    assert.deepEqual(JSON.parse(signals).days, [])
  })

  it('loses nothing and counts nothing twice where the store is away', async () => {
    events = Array.from({ length: 30 }, () => answer('delivered', START))
    isAway = true
    await follow()
    isAway = false
    await view.judge()
    await view.judge()
    const { signals } = await service.show('out-1', 'outlook')
    assert.equal(JSON.parse(signals).days[0].counts.delivered, 30)
  })
})

async function settle(): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) await Promise.resolve()
}
