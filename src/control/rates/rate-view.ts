// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that counts what is delivered, bounces, and is complained about, into the records: by stream, campaign,
 * source, provider and signing domain, on the day of each message. What it counted and how far it has read are written
 * together, so that nothing counts twice. Whose rate is high is told once a week, and paused where the operator wants that.
 */
import { ms } from '../../base/brand.ts'
import { rateLimits } from '../../base/limits/rate-limits.ts'
import type { Log } from '../../base/log.ts'
import { RecentMap } from '../../base/recent-map.ts'
import type { Event } from '../../events/event.ts'
import type { MessageId } from '../../events/ids.ts'
import type { RateCounts, RateRow, RateSubject } from '../../records/rate.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import { EventCounter } from '../counting/event-counter.ts'
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

/** One thing that happened, as one subject has it. */
interface RateCount {
  readonly row: RateRow
  readonly count: keyof RateCounts
}

/** Until `signal` aborts; after a failure it goes on where it last wrote. */
export function followRates(parts: RateViewParts, signal: AbortSignal): Promise<void> {
  return new RateView(parts).follow(signal)
}

class RateView {
  readonly #parts: RateViewParts
  readonly #counter: EventCounter<RateCount>
  /** Signing domains by message, and ways of what was delivered by its recipient. */
  readonly #domains = new RecentMap<MessageId, string | null>(rateLimits.messages)
  readonly #ways = new RecentMap<string, WayOut>(rateLimits.messages)
  readonly #campaigns = new Map<string, Set<string>>()

  constructor(parts: RateViewParts) {
    this.#parts = parts
    this.#counter = new EventCounter({
      ...parts,
      view: 'rates',
      trouble: 'rates cannot be counted now',
      countsOf: (event) => this.#countsOf(event),
      onAnew: () => {},
      most: rateLimits.pending,
      onFull: () => this.#write(),
    })
  }

  follow(signal: AbortSignal): Promise<void> {
    return this.#counter.follow(
      () => ms(rateLimits.writeEveryMs),
      () => this.#write(),
      signal,
    )
  }

  async #write(): Promise<void> {
    if (this.#counter.isEmpty) return
    const worse = await this.#counter.write(async (store, counts) => {
      if (counts.length > 0) await store.rates.add(rowsIn(counts))
      return subjectsIn(counts.filter(({ count }) => BAD.includes(count)))
    })
    if (worse.length > 0) await this.#parts.onWorse(worse)
  }

  async #countsOf(event: Event): Promise<readonly RateCount[]> {
    if (event.type === 'message.received') this.#domains.set(event.messageId, signerOf(event))
    const count = countOf(event)
    if (count === null) return []
    const counted = event as CountedEvent
    const way = await this.#wayOf(counted)
    return rowsOf(this.#bounded(counted), count, way).map((row) => ({ row, count }))
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
}

/** One for each day of a subject. */
function rowsIn(counts: readonly RateCount[]): readonly RateRow[] {
  const rows = new Map<string, RateRow>()
  for (const { count, row } of counts) {
    const key = `${row.day} ${keyOf(row)}`
    const before = rows.get(key)
    rows.set(key, before === undefined ? row : { ...before, [count]: before[count] + 1 })
  }
  return [...rows.values()]
}

function subjectsIn(counts: readonly RateCount[]): readonly RateSubject[] {
  const subjects = new Map<string, RateSubject>()
  for (const { row } of counts) {
    const { tenant, dimension, name } = row
    subjects.set(keyOf(row), { tenant, dimension, name })
  }
  return [...subjects.values()]
}

/** A tenant is a slug; a name is anything, and stands last. */
function keyOf({ dimension, name, tenant }: RateSubject): string {
  return `${tenant} ${dimension} ${name}`
}
