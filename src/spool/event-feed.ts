// SPDX-License-Identifier: Apache-2.0
/**
 * The journals of a relay as one stream of events: at least once, ordered within a journal, and never ahead of what is
 * synced. Metrics, `tail`, search, webhooks and log files are readers of it; one that falls behind reads from disk and costs the
 * writers nothing.
 */
import type { Instant } from '../base/brand.ts'
import type { Cursor } from '../events/cursor.ts'
import type { Event } from '../events/event.ts'
import type { JournalId, Lsn } from '../events/ids.ts'

/** Where an event lies, as long as it is kept. */
export interface EventPlace {
  readonly journal: JournalId
  readonly lsn: Lsn
  /** First LSN of its segment, and the octet there. */
  readonly segment: number
  readonly offset: number
}

export interface FedEvent extends EventPlace {
  readonly event: Event
}

/** Some events of one journal, in order; others may have the same objects. */
export interface EventBatch {
  /** May be empty. */
  readonly events: readonly FedEvent[]
  /** The position after all of them. */
  readonly cursor: Cursor
}

/** `oldest`: that is kept. */
export type FeedStart = Cursor | 'now' | 'oldest'

export interface FeedReader {
  readonly name: string
  /** Records that are synced and that it has not seen. */
  readonly behind: number
}

export interface EventFeed {
  /**
   * From just after `start`; waits for more until `signal` aborts. A journal that a cursor does not name is read from its
   * oldest event. `name`: it is listed among `readers`.
   */
  read(start: FeedStart, signal: AbortSignal, name?: string): AsyncIterable<EventBatch>
  /** A position after which there is all that happened at `at` or later, and not much else. Waits until a journal is known. */
  positionAt(at: Instant, signal: AbortSignal): Promise<Cursor>
  /** Events that were seen before; `null` where one is not kept any more. */
  at(places: readonly EventPlace[]): Promise<readonly (Event | null)[]>
  readers(): readonly FeedReader[]
}

/** The position just after one event of a batch. */
export function cursorAfter(batch: EventBatch, { journal, lsn }: EventPlace): Cursor {
  return new Map(batch.cursor).set(journal, lsn)
}
