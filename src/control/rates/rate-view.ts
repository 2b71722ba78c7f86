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
import type { RateCounts, RateSubject } from '../../records/rate.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import { type Counted, EventCounter } from '../counting/event-counter.ts'
import {
  type CountedEvent,
  countOf,
  OTHER,
  type ProviderOf,
  type RateKind,
  RateKinds,
  rowsIn,
  signerOf,
  subjectsIn,
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

/** Until `signal` aborts; after a failure it goes on where it last wrote. */
export function followRates(parts: RateViewParts, signal: AbortSignal): Promise<void> {
  return new RateView(parts).follow(signal)
}

class RateView {
  readonly #parts: RateViewParts
  readonly #counter: EventCounter<RateKind>
  /** Signing domains by message, and ways of what was delivered by its recipient. */
  readonly #domains = new RecentMap<MessageId, string | null>(rateLimits.messages)
  readonly #ways = new RecentMap<string, WayOut>(rateLimits.messages)
  readonly #kinds = new RateKinds()
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

  #countsOf(event: Event): Counted<RateKind> {
    if (event.type === 'message.received') this.#domains.set(event.messageId, signerOf(event))
    const count = countOf(event)
    if (count === null) return []
    const counted = event as CountedEvent
    const way = this.#wayOf(counted)
    return way instanceof Promise
      ? way.then((found) => [this.#kindOf(counted, count, found)])
      : [this.#kindOf(counted, count, way)]
  }

  #kindOf(event: CountedEvent, count: keyof RateCounts, way: WayOut): RateKind {
    const kind = this.#kinds.of(this.#bounded(event), count, way)
    if (event.type === 'message.delivered') this.#ways.set(nameOf(event), kind.way)
    return kind
  }

  /** A report says nothing of the way out: most are about mail of just now, and of other mail it is looked up. */
  #wayOf(event: CountedEvent): WayOut | Promise<WayOut> {
    const { messageId, recipientIndex } = event
    if (!('mx' in event))
      return this.#ways.get(nameOf(event)) ?? this.#wayBefore(messageId, recipientIndex)
    const { providerOf } = this.#parts
    const signer = this.#domains.get(messageId)
    if (signer !== undefined) return wayOf(event, signer, providerOf)
    return this.#signerBefore(messageId, recipientIndex).then((found) =>
      wayOf(event, found, providerOf),
    )
  }

  async #signerBefore(id: MessageId, recipientIndex: number): Promise<string | null> {
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

function nameOf({ messageId, recipientIndex }: CountedEvent): string {
  return `${messageId} ${recipientIndex}`
}
