// SPDX-License-Identifier: Apache-2.0
/** Tenants that are judged by events: records in memory, a clock that is turned, and pools as delivery sees them. */
import { type Instant, instant } from '../../src/base/brand.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { wayFinder } from '../../src/control/rates/way-of-mail.ts'
import { StandingService } from '../../src/control/standings/standing-service.ts'
import { StandingsView } from '../../src/control/standings/standing-view.ts'
import { MailPools } from '../../src/delivery/routing/mail-pools.ts'
import type { Event } from '../../src/events/event.ts'
import type { EgressPool } from '../../src/queue/egress-pool.ts'
import { PoolChoice } from '../../src/queue/pool-choice.ts'
import type { PoolRule } from '../../src/queue/pool-rules.ts'
import type { StandingDecision } from '../../src/queue/standing/standing-state.ts'
import { defaultPolicy } from '../../src/queue/standing/thresholds.ts'
import type { Directory } from '../../src/records/directory.ts'
import type { RecordsContext } from '../../src/records/records-context.ts'
import type { StandingHour, StandingPlace, StandingRecord } from '../../src/records/standing.ts'
import { standingKey } from '../../src/records/standing.ts'
import type { Store } from '../../src/records/store.ts'
import type { EventFeed } from '../../src/spool/event-feed.ts'

export const START = Date.UTC(2026, 0, 5, 12)
const bare = { members: [], overflow: null, quarantine: null, tenants: [] }
const pools: readonly EgressPool[] = [
  { ...bare, name: 'default', quarantine: 'away' },
  { ...bare, name: 'away' },
  { ...bare, name: 'own', tenants: ['big'] },
]
const user = { code: 550, enhanced: '5.1.1', text: 'No such user' }

export function answer(tenant: string, at: number, more: object = {}): Event {
  return {
    type: 'message.delivered',
    at: new Date(at).toISOString(),
    ...{
      tenant,
      stream: 'bulk',
      recipientIndex: 0,
      messageId: '06EAXQ4Z5M3T8000000000000',
      attempt: 1,
      campaign: null,
      recipient: 'ann@example.net',
    },
    reply: { code: 250, enhanced: null, text: 'OK' },
    ...more,
  } as unknown as Event
}

export const gone = {
  type: 'message.bounced',
  by: 'peer',
  reply: user,
  meaning: { class: 'no-such-mailbox' },
}

/** Events are given by hand. */
const NO_FEED = {} as EventFeed

/** Records in memory, a clock that is turned, and pools as delivery sees them. */
export class StandingRig {
  readonly clock = new ManualClock(instant(START))
  readonly records = new Map<string, StandingRecord>()
  readonly hours = new Map<string, StandingHour>()
  readonly said: string[] = []
  isAway = false
  trace: readonly Event[] | Promise<readonly Event[]> = []
  leastMail = defaultPolicy.leastMail
  rules: readonly PoolRule[] = []
  readonly choice = new PoolChoice(() => ({ pools, poolRules: this.rules }))
  readonly pools = new MailPools({
    choice: this.choice,
    directory: () => this.directory,
    router: { known: () => null },
    providerOf: () => null,
  })
  readonly service: StandingService
  view: StandingsView

  constructor() {
    this.service = new StandingService({
      records: { store: this.store, clock: this.clock } as unknown as RecordsContext,
      directory: () => this.directory,
      pools: this.choice,
      providerOf: (mx) => (mx.includes('.google.example[') ? 'google' : null),
      settings: () => ({
        policy: { ...defaultPolicy, leastMail: this.leastMail },
        withoutQuarantine: 'hold',
      }),
      announce: async (_tenant: string, { text }: StandingDecision) => void this.said.push(text),
      refresh: async () => {},
    })
    this.view = this.restarted()
  }

  restarted(feed = NO_FEED): StandingsView {
    return new StandingsView({
      feed,
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
      views: { cursor: async () => null, put: async () => {} },
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
