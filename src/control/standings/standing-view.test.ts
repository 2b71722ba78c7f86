// SPDX-License-Identifier: Apache-2.0
/** Tenants judged by events, over a simulated clock; and that a bad one is away before its neighbours pay for it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Instant, instant, ms, seconds } from '../../base/brand.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { MailPools } from '../../delivery/mail-pools.ts'
import type { Event } from '../../events/event.ts'
import type { EgressPool } from '../../queue/egress-pool.ts'
import { PoolChoice } from '../../queue/pool-choice.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import { keyOf } from '../../queue/shaping/lessons.ts'
import type { StandingDecision } from '../../queue/standing/standing-state.ts'
import { defaultPolicy } from '../../queue/standing/thresholds.ts'
import type { Directory } from '../../records/directory.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { StandingHour, StandingPlace, StandingRecord } from '../../records/standing.ts'
import { standingKey } from '../../records/standing.ts'
import type { Store } from '../../records/store.ts'
import { installationScope } from '../../records/tenant-scope.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import { wayFinder } from '../way-of-mail.ts'
import { StandingService } from './standing-service.ts'
import { StandingsView } from './standing-view.ts'

const START = Date.UTC(2026, 0, 5, 12)
const bare = { members: [], overflow: null, quarantine: null, tenants: [] }
const pools: readonly EgressPool[] = [
  { ...bare, name: 'default', quarantine: 'away' },
  { ...bare, name: 'away' },
  { ...bare, name: 'own', tenants: ['big'] },
]
const user = { code: 550, enhanced: '5.1.1', text: 'No such user' }

function answer(tenant: string, at: number, more: object = {}): Event {
  return {
    type: 'message.delivered',
    at: new Date(at).toISOString(),
    ...{
      tenant,
      stream: 'bulk',
      recipientIndex: 0,
      messageId: '06EAXQ4Z5M3T8000000000000',
      attempt: 1,
    },
    reply: { code: 250, enhanced: null, text: 'OK' },
    ...more,
  } as unknown as Event
}

const gone = {
  type: 'message.bounced',
  by: 'peer',
  reply: user,
  meaning: { class: 'no-such-mailbox' },
}

/** Events are given by hand. */
const NO_FEED = {} as EventFeed

/** Records in memory, a clock that is turned, and pools as delivery sees them. */
class Rig {
  readonly clock = new ManualClock(instant(START))
  readonly records = new Map<string, StandingRecord>()
  readonly hours = new Map<string, StandingHour>()
  readonly said: string[] = []
  isAway = false
  trace: readonly Event[] = []
  leastMail = defaultPolicy.leastMail
  readonly choice = new PoolChoice(() => pools)
  readonly pools = new MailPools(this.choice, () => this.directory)
  readonly service: StandingService
  view: StandingsView

  constructor() {
    this.service = new StandingService({
      records: { store: this.store, clock: this.clock } as unknown as RecordsContext,
      directory: () => this.directory,
      pools: this.choice,
      settings: () => ({
        policy: { ...defaultPolicy, leastMail: this.leastMail },
        withoutQuarantine: 'hold',
      }),
      announce: async (_tenant: string, { text }: StandingDecision) => void this.said.push(text),
      refresh: async () => {},
    })
    this.view = this.restarted()
  }

  restarted(): StandingsView {
    return new StandingsView({
      feed: NO_FEED,
      records: { store: this.store, clock: this.clock },
      service: this.service,
      wayOf: wayFinder(
        { find: async () => ({ events: [], next: null }) },
        { trace: async () => this.trace },
      ),
      log: silentLog,
    })
  }

  get directory(): Directory {
    const states = [...this.records.values()].filter(({ state }) => /quarantined|held/.test(state))
    return {
      tenants: new Map(['shop', 'bank', 'big'].map((id) => [id, { id }])),
      stream: () => ({ name: 'bulk', pool: 'default' }),
      streamsOf: () => [{ name: 'bulk', pool: 'default' }],
      standings: new Map(states.map((each) => [standingKey(each.tenant, each.pool), each.state])),
    } as unknown as Directory
  }

  get store(): Store {
    const store: unknown = {
      tenants: { list: async () => [...this.directory.tenants.values()] },
      standings: {
        list: async () => [...this.records.values()],
        find: async ({ pool, tenant }: StandingPlace) =>
          this.records.get(standingKey(tenant, pool)) ?? null,
        put: async (record: StandingRecord) =>
          void this.records.set(standingKey(record.tenant, record.pool), record),
      },
      standingHours: {
        add: async (rows: readonly StandingHour[]) => {
          if (this.isAway) throw new Error('the store is away')
          for (const row of rows) this.#add(row)
        },
        list: async (since: number, { pool, tenant }: Partial<StandingPlace>) =>
          [...this.hours.values()].filter(
            (row) =>
              row.hour >= since &&
              (tenant ?? row.tenant) === row.tenant &&
              (pool ?? row.pool) === row.pool,
          ),
      },
      transaction: (work: (inner: Store) => Promise<unknown>) => work(this.store),
    }
    return store as Store
  }

  #add(row: StandingHour): void {
    const key = `${standingKey(row.tenant, row.pool)} ${row.hour}`
    const { delivered = 0, refused = 0, unknown = 0, complained = 0 } = this.hours.get(key) ?? {}
    this.hours.set(key, {
      ...row,
      delivered: delivered + row.delivered,
      unknown: unknown + row.unknown,
      refused: refused + row.refused,
      complained: complained + row.complained,
    })
  }

  get now(): Instant {
    return this.clock.now()
  }

  async hear(tenant: string, count: number, more: object = {}): Promise<void> {
    for (let at = 0; at < count; at++) await this.view.hear(answer(tenant, this.now, more))
  }
}

describe('Tenants in shared pools', () => {
  it('are judged a few seconds after what was answered, and sent by the quarantine pool', async () => {
    const rig = new Rig()
    await rig.hear('bank', 500)
    await rig.hear('shop', 150)
    await rig.hear('shop', 60, gone)
    assert.equal(rig.pools.of('bulk:shop@example.net'), 'default')
    await rig.view.judge()
    assert.equal(rig.pools.of('bulk:shop@example.net'), 'away')
    assert.equal(rig.pools.of('bulk:bank@example.net'), 'default')
    assert.equal(rig.said.length, 1)
    assert.match(rig.said[0] ?? '', /29 % of 210 mails of the last 24 hours had no such recipient/)
  })

  it('are not judged alone in a pool, but counted', async () => {
    const rig = new Rig()
    await rig.hear('big', 300, gone)
    await rig.view.judge()
    assert.deepEqual(rig.said, [])
    const views = await rig.service.show(installationScope, 'big')
    assert.deepEqual(
      views.map(({ hours }) => hours[0]?.unknown),
      [300],
    )
  })

  it('are not judged by refusals that their neighbours get as well', async () => {
    const rig = new Rig()
    const refused = {
      ...{ type: 'message.bounced', by: 'peer', meaning: { class: 'policy' } },
      reply: { code: 550, enhanced: '5.7.1', text: 'Refused by local policy' },
    }
    for (const tenant of ['bank', 'shop']) {
      await rig.hear(tenant, 200)
      await rig.hear(tenant, 90, refused)
    }
    await rig.view.judge()
    assert.deepEqual(rig.said, [])
    await rig.hear('bank', 5_000)
    await rig.hear('shop', 1, refused)
    await rig.view.judge()
    assert.match(rig.said[0] ?? '', /^Tenant shop .* refused for what they are/)
  })

  it('are complained about at the hour in which the mail was taken', async () => {
    const rig = new Rig()
    rig.trace = [answer('shop', START - 3 * 3_600_000)]
    await rig.hear('shop', 1, { type: 'message.complained', feedbackType: 'abuse' })
    await rig.view.judge()
    const [row] = rig.hours.values()
    assert.deepEqual([row?.complained, row?.hour], [1, START / 3_600_000 - 3])
  })

  it('lose nothing that was counted while the store was away', async () => {
    const rig = new Rig()
    rig.isAway = true
    await rig.hear('shop', 3)
    await assert.rejects(rig.view.judge())
    await rig.hear('shop', 2)
    rig.isAway = false
    await rig.view.judge()
    assert.deepEqual(
      [...rig.hours.values()].map(({ delivered }) => delivered),
      [5],
    )
  })

  it('are held, released and pinned by a person, over a restart', async () => {
    const rig = new Rig()
    await rig.service.pin('shop', null, 'held', 'ann', 'asked by the bank')
    rig.view = rig.restarted()
    await rig.hear('shop', 500)
    await rig.view.judge()
    assert.match(rig.pools.holds()?.('bulk:shop@example.net') ?? '', /^held for how/)
    assert.equal(rig.pools.holds()?.('bulk:bank@example.net'), null)
    assert.equal(rig.pools.holds()?.('bulk:shop@simulator.invalid'), null)
    await rig.service.release('shop', null, 'ann')
    assert.equal(rig.pools.holds(), null)
    await assert.rejects(rig.service.release('shop', null, 'ann'), { code: 'RLY_RECORD_INVALID' })
    await assert.rejects(rig.service.pin('big', null, 'quarantined', 'ann', ''), {
      message: /pool "own" has no quarantine pool/,
    })
    await assert.rejects(rig.service.pin('shop', 'defualt', 'good', 'ann', ''), {
      message: /did you mean "default"\?/,
    })
  })

  /** A receiver that slows a source down which it got 300 bad recipients from. */
  async function campaign(rig: Rig): Promise<LessonBook> {
    const book = new LessonBook(1)
    const bad = new Map<string, number>()
    for (let second = 0; second < 300; second++) {
      for (let at = 0; at < 10; at++) {
        await rig.hear('bank', 1)
        const source = rig.pools.of('bulk:shop@example.net')
        const isBad = at % 3 === 0
        await rig.hear('shop', 1, isBad ? gone : {})
        const count = (bad.get(source) ?? 0) + Number(isBad)
        bad.set(source, count)
        if (count < 300) continue
        bad.set(source, 0)
        const heard = { limit: 600, observed: 1_200, proven: null }
        const whom = { kind: 'path', source, site: 'mx.example.net' } as const
        book.hear(
          { kind: 'complaint', whom, aspect: 'messageRate', heard, words: '421 4.7.28' },
          rig.now,
        )
      }
      rig.clock.advance(seconds(1))
      if (second % 5 === 4) await rig.view.judge()
    }
    rig.clock.advance(ms(0))
    return book
  }
  const shared = keyOf({ kind: 'path', source: 'default', site: 'mx.example.net' })
  const away = keyOf({ kind: 'path', source: 'away', site: 'mx.example.net' })

  it('that are bad are away before the path that they share is slowed down', async () => {
    const rig = new Rig()
    const book = await campaign(rig)
    assert.equal(book.of(shared), null)
    assert.notEqual(book.of(away), null)
    assert.equal(rig.said.length, 1)
  })

  it('would have cost their neighbours, were they not judged', async () => {
    const rig = new Rig()
    rig.leastMail = Number.POSITIVE_INFINITY
    const book = await campaign(rig)
    assert.notEqual(book.of(shared), null)
  })
})
