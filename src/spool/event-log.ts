// SPDX-License-Identifier: Apache-2.0
/** The journal as the record of what happened: append-only, ordered within a journal. It is read through `EventFeed`. */
import type { Cursor } from '../events/cursor.ts'
import type { Event, OperationEvent, RejectedEvent, Unwritten } from '../events/event.ts'
import type { MessageId } from '../events/ids.ts'

export interface EventLog {
  /** Events that change no recipient's state. Resolves when they are written, or in line where the disk holds events back. */
  append(events: readonly Unwritten<RejectedEvent | OperationEvent>[]): Promise<void>
  /**
   * How far each journal is synced, now and whenever that has changed, until `signal` aborts: what lies before no power loss
   * can take, and nobody takes back. Another process may read so far.
   */
  positions(signal: AbortSignal): AsyncIterable<Cursor>
  /** All events about one message that are kept, in order. */
  trace(id: MessageId): Promise<readonly Event[]>
}
