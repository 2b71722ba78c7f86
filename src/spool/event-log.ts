// SPDX-License-Identifier: Apache-2.0
/** The journal seen as a stream of events: append-only, at-least-once, ordered within a journal. */
import type { Event, OperationEvent, RejectedEvent, Unwritten } from '../events/event.ts'
import type { MessageId } from '../events/ids.ts'

export interface EventLog {
  /** Events that change no recipient's state. Resolves when they are written, or in line where the disk holds events back. */
  append(events: readonly Unwritten<RejectedEvent | OperationEvent>[]): Promise<void>
  /**
   * From just after `cursor` (`null`: from the oldest that is kept; `'now'`: what comes from here on); waits for more
   * until `signal` aborts. A reader that falls behind reads from disk and costs the writer nothing.
   */
  read(cursor: string | 'now' | null, signal: AbortSignal): AsyncIterable<ReadEvent>
  /** All events about one message that are kept, in order. */
  trace(id: MessageId): Promise<readonly Event[]>
}

export interface ReadEvent {
  /** Opaque and versioned: the position just after `event`. */
  readonly cursor: string
  readonly event: Event
}
