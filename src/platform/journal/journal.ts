// SPDX-License-Identifier: Apache-2.0
/**
 * The spool and the event log of one process: append-only segments, and an index that is made from them. Here the
 * parts meet; `openJournal` makes them. The life of a recipient is drawn in `src/spool/README.md`.
 *
 *   begin ▸ Draft ▸ Acceptance ▸ MailWriter ─┬▶ Lane (mail)
 *   record ▸ outcomes ─────────▸ EventWriter ─┴▶ Lane (events) ──▶ SyncedPosition ▸ positions
 *   take ◂ Taker ◂ IndexReader ◂── Checkpointer ◂── Residents (what changed)
 */
import type { DurationMs, Instant } from '../../base/brand.ts'
import type { Cursor } from '../../events/cursor.ts'
import type {
  Event,
  FeedbackEvent,
  OutcomeEvent,
  ReceivedEvent,
  Unwritten,
} from '../../events/event.ts'
import {
  journalOf,
  type MessageId,
  newMessageId,
  type Once,
  onceMessageId,
} from '../../events/ids.ts'
import { type FoundContent, MemoryContent } from '../../spool/content.ts'
import type { EventLog, PlainEvent } from '../../spool/event-log.ts'
import {
  type KeptMessage,
  notBeforeRelease,
  type SpoolAddress,
  type WaitingRecipient,
} from '../../spool/message.ts'
import type { Spool, SpoolDraft, SpoolHealth, Taken, WaitingQueue } from '../../spool/spool.ts'
import { Acceptance } from './acceptance.ts'
import { type Accepted, JournalDraft } from './draft.ts'
import { noEffect } from './event-record.ts'
import { traceEvents } from './event-trace.ts'
import type { JournalParts } from './journal-parts.ts'
import { findKept } from './kept-mail.ts'
import { recordOutcomes } from './outcomes.ts'
import { hastenAll, rescheduleQueue } from './reschedule.ts'
import { type Resident, residentOf } from './resident.ts'
import { full } from './space.ts'

export class Journal implements Spool, EventLog {
  readonly #parts: JournalParts
  readonly #close: () => Promise<void>
  #drafts = 0
  #isClosing = false

  constructor(parts: JournalParts, close: () => Promise<void>) {
    this.#parts = parts
    this.#close = close
  }

  newId(once: Once | null = null): MessageId {
    const { clock, journal, random } = this.#parts
    if (once !== null) return onceMessageId(once, journal)
    return newMessageId(clock.now(), journal, random)
  }

  begin(): SpoolDraft {
    const { space, limits, mail, folder, files } = this.#parts
    if (space.refusal) throw space.refusal
    if (this.#isClosing || mail.waitingOctets > limits.waitingOctets)
      throw full('too much mail waits to be written')
    return new JournalDraft({
      folder,
      files,
      space,
      inlineOctets: limits.inlineOctets,
      number: ++this.#drafts,
      accept: (accepted) => this.#accept(accepted),
    })
  }

  async content(id: MessageId, address: SpoolAddress): Promise<FoundContent> {
    const resident = residentOf(address)
    const { fresh } = resident
    if (fresh) return new MemoryContent(fresh.signature, fresh.body)
    if (!this.#isKept(resident)) return gone
    const { mailReader, troubles } = this.#parts
    const found = await mailReader.content(id, resident, (trouble) => {
      if (this.#isKept(resident)) troubles.ofContent(id, trouble)
    })
    return found.kind === 'readable' || this.#isKept(resident) ? found : gone
  }

  owns(id: MessageId): boolean {
    return journalOf(id) === this.#parts.journal
  }

  kept(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, KeptMessage>> {
    return findKept(
      this.#parts,
      ids.filter((id) => this.owns(id)),
    )
  }

  record(outcomes: readonly Unwritten<OutcomeEvent>[]): Promise<void> {
    try {
      return recordOutcomes(this.#parts, outcomes)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  take(queue: string, now: Instant, limit: number): Promise<Taken> {
    return this.#parts.taker.take(queue, now, limit)
  }

  giveBack(recipients: readonly WaitingRecipient[]): void {
    const { residents, clock, checkpointer } = this.#parts
    const now = clock.now()
    for (const { message, address, index } of recipients) {
      const recipient = residentOf(address).recipients[index]
      if (!recipient) continue
      const isDueAt = recipient.hold === 'held' ? recipient.dueAt : notBeforeRelease(message, now)
      residents.giveBack(recipient, isDueAt)
    }
    checkpointer.changed()
  }

  takeExpired(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#parts.taker.takeExpired(now, limit)
  }

  takeDelayed(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#parts.taker.takeDelayed(now, limit)
  }

  held(): AsyncIterable<WaitingRecipient> {
    return this.#parts.taker.held()
  }

  takeHeld(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]> {
    return this.#parts.taker.takeHeld(recipients)
  }

  look(isWanted: (queue: string) => boolean): AsyncIterable<readonly WaitingRecipient[]> {
    return this.#parts.taker.look(isWanted)
  }

  takeWaiting(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]> {
    return this.#parts.taker.takeWaiting(recipients)
  }

  takeOverheld(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#parts.taker.takeOverheld(now, limit)
  }

  reschedule(queue: string, dueAt: Instant): Promise<void> {
    return rescheduleQueue(this.#parts, queue, dueAt)
  }

  clockSetBack(now: Instant, by: DurationMs): Promise<void> {
    return hastenAll(this.#parts, now, by)
  }

  peek(queue: string, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#parts.taker.peek(queue, limit)
  }

  waitingIn(queue: string): number {
    const { reader, residents } = this.#parts
    const known = residents.queue(queue)
    if (known !== undefined) return known.alive - known.owned
    return reader.queue(queue)?.rows ?? 0
  }

  waiting(): Iterable<WaitingQueue> {
    return this.#parts.taker.waiting()
  }

  inHandCount(): number {
    return this.#parts.residents.inHandCount
  }

  waitingCount(): number {
    return this.#parts.residents.waitingCount
  }

  health(): SpoolHealth {
    return this.#parts.space.health
  }

  async append(events: readonly Unwritten<PlainEvent>[]): Promise<void> {
    for (const event of events) this.#parts.events.append('event', event, noEffect)
    await this.#parts.events.inLine()
  }

  async keep(events: readonly Unwritten<FeedbackEvent>[]): Promise<void> {
    for (const event of events) this.#parts.events.append('event', event, noEffect)
    await this.#parts.events.synced()
  }

  async received(id: MessageId, isSure = true): Promise<ReceivedEvent | null> {
    return (await this.#parts.receptions.find(id, isSure))?.event ?? null
  }

  receivedOf(once: Once): Promise<ReceivedEvent | null> {
    return this.received(onceMessageId(once, this.#parts.journal))
  }

  positions(signal: AbortSignal): AsyncIterable<Cursor> {
    return this.#parts.synced.follow(AbortSignal.any([signal, this.#parts.closing.signal]))
  }

  trace(id: MessageId): Promise<readonly Event[]> {
    return traceEvents(this.#parts, id)
  }

  /** Frees what may go, now and not at the next round. */
  async freeDisk(): Promise<void> {
    await this.#parts.checkpointer.run()
    await this.#parts.upkeep.run()
  }

  /** Finishes what is accepted, brings the index up to date and frees the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    await this.#close()
  }

  async #accept(accepted: Accepted): Promise<readonly WaitingRecipient[]> {
    if (this.#isClosing) throw full('it is being closed')
    const acceptance = new Acceptance(this.#parts, accepted)
    this.#parts.mail.submit(acceptance)
    const recipients = await acceptance.recipients
    this.#parts.checkpointer.changed()
    return recipients
  }

  #isKept(resident: Resident): boolean {
    const { clock, reader } = this.#parts
    return resident.owned > 0 || resident.keepUntil > clock.now() || reader.isWaiting(resident.lsn)
  }
}

const gone: FoundContent = { kind: 'gone' }
