// SPDX-License-Identifier: Apache-2.0
/**
 * Durable home of accepted mail, from the `250` to the last recipient's outcome. The journal that
 * keeps it is also the event log (`event-log.ts`).
 *
 * Ownership: a recipient is either *owned* by the queue (in a ready queue's window, or in flight) or *waits* in
 * the index. `commit` and `take` give ownership, `giveBack` and a `deferred`, `delayed` or `released` outcome return it, a final
 * outcome ends it. Ownership is never on disk: after a crash everything waits.
 *
 * Every implementation passes `test/conformance/spool.ts`.
 */
import type { DurationMs, Instant } from '../base/brand.ts'
import type { OutcomeEvent, ReceivedEvent, Unwritten } from '../events/event.ts'
import type { MessageId, Once } from '../events/ids.ts'
import type { FoundContent } from './content.ts'
import type { KeptMessage, Message, SpoolAddress, WaitingRecipient } from './message.ts'

export interface Spool extends AsyncDisposable {
  /** Makes the id of a new message: it names this spool's journal. Of a request that may come again the same each time. */
  newId(once?: Once | null): MessageId
  /** Opens a draft that recovery will discard unless it is committed. Throws `RLY_SPOOL_*` while shedding. */
  begin(): SpoolDraft
  /** The content of a message that is not final, or whose retention after failure is not over; else it is `gone`. Never rejects. */
  content(id: MessageId, address: SpoolAddress): Promise<FoundContent>
  /** Whether a message of this id was, or would be, here. */
  owns(id: MessageId): boolean
  /**
   * Messages as far as they are still on the disk, for people: what is final goes after its retention, and sooner where nobody
   * failed. Not for the path of a message: each costs a few reads, and one that was copied forward a look through all of them.
   */
  kept(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, KeptMessage>>
  /**
   * Appends outcomes; the record *is* the event. Resolves when written (survives `kill -9`); synced
   * within `limits.outcomeSyncMs`. A failed disk rejects with `RLY_SPOOL_FAILED`.
   */
  record(outcomes: readonly Unwritten<OutcomeEvent>[]): Promise<void>
  /**
   * Fills a ready queue's window with up to `limit` recipients of one scheduled queue that are due, by
   * priority, then due time, then order of reception.
   */
  take(queue: string, now: Instant, limit: number): Promise<Taken>
  /** Owned recipients wait in the index again, due at once (a full window, a drain) or at their message's release. */
  giveBack(recipients: readonly WaitingRecipient[]): void
  /** Recipients that wait and are older than their age limit, of any queue; taken like `take` does. */
  takeExpired(now: Instant, limit: number): Promise<readonly WaitingRecipient[]>
  /** Recipients that wait, and whose submitter is to be told by now that they do; taken like `take` does. */
  takeDelayed(now: Instant, limit: number): Promise<readonly WaitingRecipient[]>
  /**
   * A look at recipients who are held, in order of reception, without ownership. They wait in queues like others, and no `take` gives
   * them but the two below, for nobody but a person, a bound or the outcome `released` ends that. `dueAt`: the end of the hold.
   */
  held(): AsyncIterable<WaitingRecipient>
  /** Those of them that are held still; taken like `take` does. */
  takeHeld(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]>
  /**
   * A look at everybody who waits in the queues that are wanted, who is held too, in order of reception, without ownership. In pages,
   * of which some may be empty: between two of them others should get their turn.
   */
  look(isWanted: (queue: string) => boolean): AsyncIterable<readonly WaitingRecipient[]>
  /** Those of them that wait still, held or not; taken like `take` does. */
  takeWaiting(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]>
  /** Recipients whose hold ends by now; taken like `take` does. */
  takeOverheld(now: Instant, limit: number): Promise<readonly WaitingRecipient[]>
  /** Everything that waits in a queue is due at `dueAt`, but what is held. */
  reschedule(queue: string, dueAt: Instant): Promise<void>
  /**
   * The wall clock was set back by `by` and shows `now`: whoever waits for a time that the clock before gave is due so much
   * earlier. A release that a submitter wanted stays.
   */
  clockSetBack(now: Instant, by: DurationMs): Promise<void>
  /** A look without ownership, for people; not at those who are held. */
  peek(queue: string, limit: number): Promise<readonly WaitingRecipient[]>
  /** All scheduled queues that have somebody waiting in the index. */
  waiting(): Iterable<WaitingQueue>
  /** Of one of them, from counters. */
  waitingIn(queue: string): number
  /** Of all of them, from a counter: nothing is walked. */
  waitingCount(): number
  /** All recipients of messages of which somebody is owned, from a counter: their envelopes are in memory. */
  inHandCount(): number
  /** Cheap enough for every MAIL command: no I/O, no allocation. */
  health(): SpoolHealth
}

export interface SpoolDraft {
  /** That it keeps in memory, about. */
  readonly heldOctets: number
  /**
   * Adds octets of content. The chunk is kept, not copied: its owner must not change it. Returns a promise
   * where the writer should wait (content that is streamed to disk), else nothing.
   */
  write(chunk: Uint8Array): Promise<void> | undefined
  /**
   * Durable on return; only now may a listener answer `250`. The caller owns all recipients. Rejects with
   * `RLY_SPOOL_FULL` or `RLY_SPOOL_FAILED`; then nothing was accepted.
   */
  commit(
    message: Message,
    signature: Uint8Array,
    received: Unwritten<ReceivedEvent>,
  ): Promise<readonly WaitingRecipient[]>
  /** Forgets the draft. Does nothing after `commit` was called. */
  abort(): void
}

export interface Taken {
  readonly recipients: readonly WaitingRecipient[]
  /** When the next of those that still wait is due; `null` where nobody waits. */
  readonly nextDueAt: Instant | null
}

export interface WaitingQueue {
  readonly queue: string
  readonly waiting: number
  readonly nextDueAt: Instant
}

export type SpoolHealth =
  | { readonly kind: 'ok' }
  /** Mail is taken, and waits for the disk longer than it should. */
  | { readonly kind: 'slow'; readonly why: string }
  /** `publicText` goes to the peer after 452 4.3.1 and says nothing about our insides. */
  | { readonly kind: 'shedding'; readonly publicText: string; readonly why: string }
