// SPDX-License-Identifier: Apache-2.0
/**
 * Events by what they are about: a view of the journals that has an index. It may be some hundred milliseconds behind, and is
 * made anew from the journals when it is lost.
 */
import type { Event } from '../../events/event.ts'
import type { MessageId } from '../../events/ids.ts'
import type { FeedReader } from '../../spool/event-feed.ts'

/** All that is given must hold. */
export interface EventFilter {
  /** `null`: of every tenant, and of none. */
  readonly tenant: string | null
  readonly message: MessageId | null
  /** A mailbox, whatever its case. */
  readonly recipient: string | null
  readonly stream: string | null
  readonly campaign: string | null
  /** Of the message that the event is about. */
  readonly tag: string | null
  /** Names of types, or patterns with `*`; empty: every type. */
  readonly types: readonly string[]
  /** Name of a site, or of a provider. */
  readonly provider: string | null
  /** `Message-ID` of the header section, with its angle brackets. */
  readonly headerMessageId: string | null
  /** Epoch milliseconds; up to, not including, `until`. */
  readonly since: number | null
  readonly until: number | null
}

export const everyEvent: EventFilter = {
  ...{ tenant: null, message: null, recipient: null, stream: null, campaign: null, tag: null },
  ...{ types: [], provider: null, headerMessageId: null, since: null, until: null },
}

export interface SearchPage {
  /** Newest or oldest first. */
  readonly order: 'newest' | 'oldest'
  readonly limit: number
  /** `next` of the page before. */
  readonly after: string | null
}

export interface FoundEvents {
  readonly events: readonly Event[]
  /** `null`: there are no more. A page may be empty and have a next one: so many were looked at in vain. */
  readonly next: string | null
}

export interface EventSearch {
  /** Throws `RLY_USAGE` where `after` is no place, `RLY_BUSY` where too many search. */
  find(filter: EventFilter, page: SearchPage): Promise<FoundEvents>
  /** How far it is behind the journals. */
  reader(): FeedReader
}
