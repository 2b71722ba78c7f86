// SPDX-License-Identifier: Apache-2.0
/**
 * A worker's own spool, and those that an earlier start with more workers has left to it. New mail goes to the own one;
 * what the others hold is delivered, and recorded where it lies. A message's id names its journal, so nothing else
 * needs to know.
 */
import type { DurationMs, Instant } from '../base/brand.ts'
import { merged } from '../control/desk/event-merge.ts'
import type { Cursor } from '../events/cursor.ts'
import type {
  Event,
  FeedbackEvent,
  OutcomeEvent,
  ReceivedEvent,
  Unwritten,
} from '../events/event.ts'
import { type JournalId, journalOf, type MessageId, type Once } from '../events/ids.ts'
import type { FoundContent } from '../spool/content.ts'
import type { EventLog, PlainEvent } from '../spool/event-log.ts'
import type { KeptMessage, SpoolAddress, WaitingRecipient } from '../spool/message.ts'
import type { Spool, SpoolDraft, SpoolHealth, Taken, WaitingQueue } from '../spool/spool.ts'

type Journal = Spool & EventLog

export class JoinedSpool implements Spool, EventLog {
  readonly #own: Journal
  readonly #byId: ReadonlyMap<JournalId, Journal>

  /** `journals` holds the own one too. */
  constructor(own: Journal, journals: ReadonlyMap<JournalId, Journal>) {
    this.#own = own
    this.#byId = journals
  }

  newId(once: Once | null = null): MessageId {
    return this.#own.newId(once)
  }

  begin(): SpoolDraft {
    return this.#own.begin()
  }

  health(): SpoolHealth {
    return this.#own.health()
  }

  content(id: MessageId, address: SpoolAddress): Promise<FoundContent> {
    return this.#ownerOf(id).content(id, address)
  }

  owns(id: MessageId): boolean {
    return this.#byId.has(journalOf(id))
  }

  async kept(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, KeptMessage>> {
    const journals = [...this.#byId.values()]
    const found = await Promise.all(journals.map((journal) => journal.kept(ids)))
    return new Map(found.flatMap((its) => [...its]))
  }

  async record(outcomes: readonly Unwritten<OutcomeEvent>[]): Promise<void> {
    const byOwner = Map.groupBy(outcomes, ({ messageId }) => this.#ownerOf(messageId))
    await Promise.all([...byOwner].map(([owner, its]) => owner.record(its)))
  }

  async take(queue: string, now: Instant, limit: number): Promise<Taken> {
    const recipients: WaitingRecipient[] = []
    let nextDueAt: Instant | null = null
    for (const journal of this.#byId.values()) {
      // One that was not asked may have more: it is asked next time.
      if (recipients.length === limit) return { recipients, nextDueAt: nextDueAt ?? now }
      const taken = await journal.take(queue, now, limit - recipients.length)
      recipients.push(...taken.recipients)
      nextDueAt = earlier(nextDueAt, taken.nextDueAt)
    }
    return { recipients, nextDueAt }
  }

  giveBack(recipients: readonly WaitingRecipient[]): void {
    const byOwner = Map.groupBy(recipients, ({ message }) => this.#ownerOf(message.id))
    for (const [owner, its] of byOwner) owner.giveBack(its)
  }

  async takeExpired(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#takeOf(limit, (journal, left) => journal.takeExpired(now, left))
  }

  async takeDelayed(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#takeOf(limit, (journal, left) => journal.takeDelayed(now, left))
  }

  async *held(): AsyncIterable<WaitingRecipient> {
    for (const journal of this.#byId.values()) yield* journal.held()
  }

  takeHeld(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]> {
    return this.#takeByOwner(recipients, (owner, its) => owner.takeHeld(its))
  }

  async *look(isWanted: (queue: string) => boolean): AsyncIterable<readonly WaitingRecipient[]> {
    for (const journal of this.#byId.values()) yield* journal.look(isWanted)
  }

  takeWaiting(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]> {
    return this.#takeByOwner(recipients, (owner, its) => owner.takeWaiting(its))
  }

  async takeOverheld(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#takeOf(limit, (journal, left) => journal.takeOverheld(now, left))
  }

  async reschedule(queue: string, dueAt: Instant): Promise<void> {
    await Promise.all([...this.#byId.values()].map((journal) => journal.reschedule(queue, dueAt)))
  }

  async clockSetBack(now: Instant, by: DurationMs): Promise<void> {
    await Promise.all([...this.#byId.values()].map((journal) => journal.clockSetBack(now, by)))
  }

  async peek(queue: string, limit: number): Promise<readonly WaitingRecipient[]> {
    const seen = await Promise.all(
      [...this.#byId.values()].map((journal) => journal.peek(queue, limit)),
    )
    return seen.flat().slice(0, limit)
  }

  waitingIn(queue: string): number {
    let count = 0
    for (const journal of this.#byId.values()) count += journal.waitingIn(queue)
    return count
  }

  waiting(): Iterable<WaitingQueue> {
    const queues = new Map<string, WaitingQueue>()
    for (const journal of this.#byId.values())
      for (const { queue, waiting, nextDueAt } of journal.waiting()) {
        const known = queues.get(queue)
        queues.set(queue, {
          queue,
          waiting: waiting + (known?.waiting ?? 0),
          nextDueAt: earlier(known?.nextDueAt ?? null, nextDueAt) ?? nextDueAt,
        })
      }
    return queues.values()
  }

  inHandCount(): number {
    let count = 0
    for (const journal of this.#byId.values()) count += journal.inHandCount()
    return count
  }

  waitingCount(): number {
    let count = 0
    for (const journal of this.#byId.values()) count += journal.waitingCount()
    return count
  }

  append(events: readonly Unwritten<PlainEvent>[]): Promise<void> {
    return this.#own.append(events)
  }

  async keep(events: readonly Unwritten<FeedbackEvent>[]): Promise<void> {
    const byOwner = Map.groupBy(events, ({ messageId }) =>
      messageId === null ? this.#own : this.#ownerOf(messageId),
    )
    await Promise.all([...byOwner].map(([owner, its]) => owner.keep(its)))
  }

  received(id: MessageId, isSure = true): Promise<ReceivedEvent | null> {
    return this.#ownerOf(id).received(id, isSure)
  }

  async receivedOf(once: Once): Promise<ReceivedEvent | null> {
    for (const journal of this.#byId.values()) {
      const found = await journal.receivedOf(once)
      if (found !== null) return found
    }
    return null
  }

  positions(signal: AbortSignal): AsyncIterable<Cursor> {
    return merged([...this.#byId.values()].map((journal) => journal.positions(signal)))
  }

  trace(id: MessageId): Promise<readonly Event[]> {
    return this.#ownerOf(id).trace(id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#byId.values()].map((journal) => journal[Symbol.asyncDispose]()))
  }

  async #takeByOwner(
    recipients: readonly WaitingRecipient[],
    take: (
      owner: Journal,
      its: readonly WaitingRecipient[],
    ) => Promise<readonly WaitingRecipient[]>,
  ): Promise<readonly WaitingRecipient[]> {
    const byOwner = Map.groupBy(recipients, ({ message }) => this.#ownerOf(message.id))
    const taken = await Promise.all([...byOwner].map(([owner, its]) => take(owner, its)))
    return taken.flat()
  }

  /** Of a message that was never here: the own journal says that it knows nothing of it. */
  async #takeOf(
    limit: number,
    take: (journal: Journal, left: number) => Promise<readonly WaitingRecipient[]>,
  ): Promise<readonly WaitingRecipient[]> {
    const taken: WaitingRecipient[] = []
    for (const journal of this.#byId.values())
      if (taken.length < limit) taken.push(...(await take(journal, limit - taken.length)))
    return taken
  }

  #ownerOf(id: MessageId): Journal {
    return this.#byId.get(journalOf(id)) ?? this.#own
  }
}

function earlier(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}
