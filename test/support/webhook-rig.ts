// SPDX-License-Identifier: Apache-2.0
/** The sender of webhooks in this process: with a store, a ledger and HTTP that are real, a feed in memory, and a clock that a test turns. */
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DurationMs, instant } from '../../src/base/brand.ts'
import { ChangeNotice } from '../../src/base/change-notice.ts'
import { newKeyFile, parseKeyFile } from '../../src/base/keyring.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { AddressGuard } from '../../src/control/webhooks/address-guard.ts'
import { EndpointCaller } from '../../src/control/webhooks/endpoint-caller.ts'
import { WebhookSender } from '../../src/control/webhooks/webhook-sender.ts'
import type { Resolver } from '../../src/dns/resolver.ts'
import type { Event } from '../../src/events/event.ts'
import { timestampOf } from '../../src/events/event.ts'
import { eventId, type JournalId, journalId, lsn } from '../../src/events/ids.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { SqliteWebhookLedger } from '../../src/platform/webhooks/sqlite-ledger.ts'
import type { RecordsContext } from '../../src/records/records-context.ts'
import { retrySchedules } from '../../src/records/stream-defaults.ts'
import { tenantScope } from '../../src/records/tenant-scope.ts'
import { addTenant } from '../../src/records/tenant-service.ts'
import {
  addWebhook,
  type MadeWebhook,
  type NewWebhook,
} from '../../src/records/webhooks/webhook-service.ts'
import type {
  EventBatch,
  EventFeed,
  EventPlace,
  FedEvent,
  FeedStart,
} from '../../src/spool/event-feed.ts'

const JOURNAL: JournalId = journalId(1)
const loopback = { address: '127.0.0.0', prefix: 8, family: 4 } as const

export class WebhookRig implements AsyncDisposable {
  readonly clock = new ManualClock(instant(Date.now()))
  readonly feed = new MemoryFeed()
  readonly announced: string[] = []
  readonly records: RecordsContext
  readonly #folder: string
  /** Where endpoints may be. */
  allowed = [loopback]
  resolver: () => Promise<Resolver> = () => Promise.reject(new Error('nobody is asked'))
  #stop = new AbortController()
  #sender: WebhookSender | null = null
  #following: Promise<void> = Promise.resolve()
  #turning: NodeJS.Timeout | null = null

  static async open(): Promise<WebhookRig> {
    const folder = await mkdtemp(join(tmpdir(), 'posthaste-webhooks-'))
    const random = new SystemRandom()
    const keyring = parseKeyFile(newKeyFile(random), 'test.key', random)
    const store = await openSqliteStore(join(folder, 'records.sqlite'))
    const rig = new WebhookRig(folder, { store, keyring, random })
    for (const id of ['acme', 'beta'])
      await addTenant(rig.records, { id, name: null, retry: retrySchedules })
    rig.start()
    return rig
  }

  private constructor(folder: string, parts: Omit<RecordsContext, 'clock'>) {
    this.#folder = folder
    this.records = { ...parts, clock: this.clock }
  }

  get sender(): WebhookSender {
    if (this.#sender === null) throw new Error('it does not run')
    return this.#sender
  }

  start(): void {
    this.#stop = new AbortController()
    const guard = new AddressGuard({
      resolver: () => this.resolver(),
      allowed: () => this.allowed,
    })
    const file = this.ledgerFile
    this.#sender = new WebhookSender({
      feed: this.feed,
      records: this.records,
      openLedger: () => SqliteWebhookLedger.open(file, this.clock.now(), silentLog),
      caller: new EndpointCaller(guard, this.clock),
      announce: (what, text) => void this.announced.push(`${what}: ${text}`),
      log: silentLog,
    })
    this.#following = this.#sender.follow(this.#stop.signal)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#following
  }

  /** Of a rig that is stopped. */
  damageLedger(): void {
    this.removeLedger()
    this.overwriteLedger()
  }

  removeLedger(): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(this.ledgerFile + suffix, { force: true })
  }

  /** The same file, as whoever has it open sees it. */
  overwriteLedger(): void {
    writeFileSync(this.ledgerFile, 'this is no database, and never was one'.repeat(1_000))
  }

  get ledgerFile(): string {
    return join(this.#folder, 'webhooks.sqlite')
  }

  /** From here on each millisecond is `pace` for the sender. */
  turn(pace: DurationMs): void {
    if (this.#turning !== null) clearInterval(this.#turning)
    this.#turning = setInterval(() => this.clock.advance(pace), 1)
  }

  /** By default of acme, one event a request. */
  add(
    given: Partial<NewWebhook> & { readonly url: string },
    tenant = 'acme',
  ): Promise<MadeWebhook> {
    const usual = { stream: null, note: null, types: null, isPaused: null }
    const batching = { batchEvents: null, batchWait: null }
    const scope = tenantScope(tenant as never)
    return addWebhook(this.records, scope, { ...usual, ...batching, ...given }, true)
  }

  /** Happens now. */
  happen(
    given: Partial<Event> & { readonly messageId?: string; readonly stream?: string } = {},
  ): void {
    this.feed.push({
      type: 'message.delivered',
      schemaVersion: 1,
      at: timestampOf(this.clock.now()),
      tenant: 'acme',
      stream: 'transactional',
      ...given,
    } as unknown as Event)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    if (this.#turning !== null) clearInterval(this.#turning)
    await this.records.store[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true })
  }
}

export class MemoryFeed implements EventFeed {
  readonly #events: FedEvent[] = []
  readonly #changes = new ChangeNotice()
  /** Batches that were given. */
  reads = 0

  push(event: Event): void {
    const number = lsn(this.#events.length + 1)
    this.#events.push({
      ...{ journal: JOURNAL, lsn: number, segment: 1, offset: number * 100 },
      event: { ...event, id: eventId(JOURNAL, number) },
    })
    this.#changes.announce()
  }

  async *read(start: FeedStart, signal: AbortSignal): AsyncGenerator<EventBatch> {
    let from: number = start instanceof Map ? (start.get(JOURNAL) ?? 0) : 0
    while (!signal.aborted) {
      const events = this.#events.slice(from, from + 500)
      if (events.length === 0) {
        await this.#changes.next(signal)
        continue
      }
      from += events.length
      this.reads++
      yield { events, cursor: new Map([[JOURNAL, lsn(from)]]) }
    }
  }

  async positionAt() {
    return new Map([[JOURNAL, lsn(0)]])
  }

  async at(places: readonly EventPlace[]) {
    return places.map(({ lsn: number }) => this.#events[number - 1]?.event ?? null)
  }

  readers() {
    return []
  }
}
