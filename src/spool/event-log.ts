// SPDX-License-Identifier: Apache-2.0
/** The journal as the record of what happened: append-only, ordered within a journal. It is read through `EventFeed`. */
import type { Cursor } from '../events/cursor.ts'
import type {
  Event,
  FeedbackEvent,
  OwnEvent,
  ReceivedEvent,
  RejectedEvent,
  Unwritten,
} from '../events/event.ts'
import type { HeldEvent } from '../events/hold-events.ts'
import type { MessageId, Once } from '../events/ids.ts'
import type { RetriedEvent } from '../events/retried-event.ts'

/** Changes no recipient's state, and nobody waits until it is durable. */
export type PlainEvent = RejectedEvent | HeldEvent | RetriedEvent | OwnEvent

export interface EventLog {
  /** Events that change no recipient's state. Resolves when they are written, or in line where the disk holds events back. */
  append(events: readonly Unwritten<PlainEvent>[]): Promise<void>
  /** Events that somebody is told of: resolves when they are durable. Rejects where the disk holds them back; then they are in line. */
  keep(events: readonly Unwritten<FeedbackEvent>[]): Promise<void>
  /**
   * How a message came in; `null` where nothing is kept of it. Quick: its id says when to look. `isSure` (from the start): there was
   * such a message; else, for anybody could have made up the id, it is looked for only where it nearly always is.
   */
  received(id: MessageId, isSure?: boolean): Promise<ReceivedEvent | null>
  /** What was made of a request that has come again, in any journal here. */
  receivedOf(once: Once): Promise<ReceivedEvent | null>
  /**
   * How far each journal is synced, now and whenever that has changed, until `signal` aborts: what lies before no power loss
   * can take, and nobody takes back. Another process may read so far.
   */
  positions(signal: AbortSignal): AsyncIterable<Cursor>
  /** All events about one message that are kept, in order. */
  trace(id: MessageId): Promise<readonly Event[]>
}
