// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that counts what is delivered, bounces, and is complained about, into the records: by stream, campaign,
 * source, provider and signing domain, on the day of each message. What it counted and how far it has read are written
 * together, so that nothing counts twice. Whose rate is high is told once a week, and paused where the operator wants that.
 */
import { type DurationMs, ms, seconds } from '../../base/brand.ts'
import type { Timer } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { rateLimits } from '../../base/limits/rate-limits.ts'
import type { Log } from '../../base/log.ts'
import { persevere } from '../../base/persevere.ts'
import { RecentMap } from '../../base/recent-map.ts'
import { type Cursor, formatCursor, parseCursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import type { MessageId } from '../../events/ids.ts'
import type { RateCounts, RateRow, RateSubject } from '../../records/rate.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import {
  type CountedEvent,
  countOf,
  OTHER,
  type ProviderOf,
  rowsOf,
  signerOf,
  type WayOut,
  wayOf,
} from './rate-counts.ts'
import type { FindWay } from './way-of-mail.ts'

const VIEW = 'rates'
const TRY_AGAIN = seconds(5)

export interface RateViewParts {
  readonly feed: EventFeed
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly wayOf: FindWay
  readonly providerOf: ProviderOf
  /** Something bad was counted of these. */
  readonly onWorse: (subjects: readonly RateSubject[]) => Promise<void>
  readonly log: Log
}

/** What makes a rate worse. */
const BAD: readonly (keyof RateCounts)[] = ['bounced', 'reported', 'complained']

/** Until `signal` aborts; after a failure it goes on where it last wrote. */
export function followRates(parts: RateViewParts, signal: AbortSignal): Promise<void> {
  const { log, records } = parts
  return persevere(() => new RateReader(parts).read(signal), signal, {
    clock: records.clock,
    pause: TRY_AGAIN,
    failed: (thrown) => log.warn({ error: messageOf(thrown) }, 'rates cannot be counted now'),
  })
}

class RateReader {
  readonly #parts: RateViewParts
  /** Signing domains by message, and ways of what was delivered by its recipient. */
  readonly #domains = new RecentMap<MessageId, string | null>(rateLimits.messages)
  readonly #ways = new RecentMap<string, WayOut>(rateLimits.messages)
  readonly #campaigns = new Map<string, Set<string>>()
  #rows = new Map<string, RateRow>()
  #worse = new Map<string, RateSubject>()
  #writtenAt = 0

  constructor(parts: RateViewParts) {
    this.#parts = parts
  }

  async read(signal: AbortSignal): Promise<void> {
    const { feed, records } = this.#parts
    const { clock, store } = records
    const text = await store.views.cursor(VIEW)
    const start = text === null ? 'oldest' : parseCursor(text)
    let timer: Timer | null = null
    let last: Cursor | null = null
    // One write after the other, in the order of what they count.
    let writing = Promise.resolve()
    const failure = Promise.withResolvers<never>()
    failure.promise.catch(() => {})
    const write = (): Promise<void> => {
      timer?.cancel()
      timer = null
      if (last !== null) writing = writing.then(this.#writer(last))
      writing.catch(failure.reject)
      return writing
    }
    try {
      for await (const { cursor, events } of feed.read(start, signal, VIEW)) {
        for (const { event } of events) await this.#count(event)
        last = cursor
        const isDue = clock.monotonic() - this.#writtenAt >= rateLimits.writeEveryMs
        if (isDue || this.#rows.size >= rateLimits.pending)
          await Promise.race([write(), failure.promise])
        else timer ??= clock.after(ms(rateLimits.writeEveryMs), () => void write().catch(() => {}))
      }
    } finally {
      ;(timer as Timer | null)?.cancel()
    }
    await write()
  }

  async #count(event: Event): Promise<void> {
    if (event.type === 'message.received')
      return this.#domains.set(event.messageId, signerOf(event))
    const count = countOf(event)
    if (count === null) return
    const counted = event as CountedEvent
    const way = await this.#wayOf(counted)
    for (const row of rowsOf(this.#bounded(counted), count, way)) this.#add(row, count)
  }

  /** A report says nothing of the way out: most are about mail of just now, and of other mail it is looked up. */
  async #wayOf(event: CountedEvent): Promise<WayOut> {
    const { messageId, recipientIndex } = event
    const name = `${messageId} ${recipientIndex}`
    if (!('mx' in event)) return this.#ways.get(name) ?? this.#wayBefore(messageId, recipientIndex)
    const signer = await this.#signerOf(messageId, recipientIndex)
    const way = wayOf(event, signer, this.#parts.providerOf)
    if (event.type === 'message.delivered') this.#ways.set(name, way)
    return way
  }

  async #signerOf(id: MessageId, recipientIndex: number): Promise<string | null> {
    const known = this.#domains.get(id)
    if (known !== undefined) return known
    const { received } = await this.#parts.wayOf(id, recipientIndex)
    const signer = received && signerOf(received)
    this.#domains.set(id, signer)
    return signer
  }

  async #wayBefore(id: MessageId, recipientIndex: number): Promise<WayOut> {
    const { delivered, received } = await this.#parts.wayOf(id, recipientIndex)
    const domain = received && signerOf(received)
    if (delivered === null) return { domain, source: null, provider: null }
    return wayOf(delivered, domain, this.#parts.providerOf)
  }

  /** Labels are the submitter's choice, and there is no end to them. */
  #bounded(event: CountedEvent): CountedEvent {
    const { campaign, tenant } = event
    if (campaign === null) return event
    const known = this.#campaigns.get(tenant) ?? new Set()
    this.#campaigns.set(tenant, known)
    if (known.size >= rateLimits.campaigns && !known.has(campaign))
      return { ...event, campaign: OTHER }
    known.add(campaign)
    return event
  }

  #add(row: RateRow, count: keyof RateCounts): void {
    const { day, dimension, name, tenant } = row
    const key = JSON.stringify([day, tenant, dimension, name])
    const before = this.#rows.get(key)
    this.#rows.set(key, before === undefined ? row : { ...before, [count]: before[count] + 1 })
    if (BAD.includes(count))
      this.#worse.set(JSON.stringify([tenant, dimension, name]), { tenant, dimension, name })
  }

  /** Takes what was counted; what comes meanwhile is the next one's. */
  #writer(cursor: Cursor): () => Promise<void> {
    const { onWorse, records } = this.#parts
    const { clock, store } = records
    const rows = [...this.#rows.values()]
    const worse = [...this.#worse.values()]
    this.#rows = new Map()
    this.#worse = new Map()
    this.#writtenAt = clock.monotonic() as DurationMs
    return async () => {
      await store.transaction(async (within) => {
        if (rows.length > 0) await within.rates.add(rows)
        await within.views.put(VIEW, formatCursor(cursor))
      })
      if (worse.length > 0) await onWorse(worse)
    }
  }
}
