// SPDX-License-Identifier: Apache-2.0
/**
 * The recipients that memory knows: those that the queue owns, and those that changed since the last checkpoint.
 * Everybody else is a row of the index and nothing else, so memory does not grow with what waits.
 *
 *              take
 *   (row) ──────▶ owned ──give back / defer / postpone / tell / hold / release──▶ waiting ──checkpoint──▶ (row)
 *                      ▲  │
 *   commit ────────────┘  └──deliver / bounce / expire──▶ final ──checkpoint──▶ (nothing)
 *
 * `#enter` is the only function that changes a recipient's kind.
 */
import type { Instant } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'
import type { MessageId } from '../../events/ids.ts'
import type { Message } from '../../spool/message.ts'
import {
  type Resident,
  type ResidentKind,
  type ResidentPlace,
  type ResidentQueue,
  type ResidentRecipient,
  residentAt,
} from './resident.ts'

/** Transitions that are possible; `null` is a recipient that memory does not know. */
const transitions = {
  owned: ['waiting', 'final'],
  waiting: [],
  final: [],
} as const satisfies Record<ResidentKind, readonly ResidentKind[]>

export class Residents {
  readonly #byId = new Map<MessageId, Resident>()
  readonly #byLsn = new Map<number, Resident>()
  readonly #queues = new Map<string, ResidentQueue>()
  /** Recipients whose row is missing or old. */
  readonly dirty = new Set<ResidentRecipient>()
  readonly #rowsOf: (queue: string) => number
  readonly #onReleased: (resident: Resident) => void
  /** Recipients of all queues that are not final, those with a row and nothing else included. */
  #alive: number
  #owned = 0
  /** Recipients of all messages of which somebody is owned and which were read. */
  #inHand = 0

  /**
   * `rows` is how many the index has; `rowsOf` counts those of a queue; `onReleased` hears of messages that nobody owns any
   * more.
   */
  constructor(
    rows: number,
    rowsOf: (queue: string) => number,
    onReleased: (resident: Resident) => void,
  ) {
    this.#alive = rows
    this.#rowsOf = rowsOf
    this.#onReleased = onReleased
  }

  /** Recipients that wait, of all queues. */
  get waitingCount(): number {
    return this.#alive - this.#owned
  }

  /** Recipients of all messages of which somebody is owned: each is in memory with its whole envelope. */
  get inHandCount(): number {
    return this.#inHand
  }

  byId(id: MessageId): Resident | undefined {
    return this.#byId.get(id)
  }

  byLsn(mailLsn: number): Resident | undefined {
    return this.#byLsn.get(mailLsn)
  }

  queue(name: string): ResidentQueue | undefined {
    return this.#queues.get(name)
  }

  queues(): Iterable<ResidentQueue> {
    return this.#queues.values()
  }

  addMessage(place: ResidentPlace): Resident {
    const resident = residentAt(place)
    this.#byLsn.set(place.lsn, resident)
    if (place.message) this.#byId.set(place.message.id, resident)
    return resident
  }

  /** The message of a resident was read back. */
  named(resident: Resident, message: Message, hasFile: boolean): void {
    if (resident.owned > 0) this.#inHand += message.envelope.recipients.length
    resident.message = message
    resident.hasFile = hasFile
    this.#byId.set(message.id, resident)
  }

  /** A recipient that was accepted just now (`hasRow` false), or taken from the index. */
  own(
    message: Resident,
    queueName: string,
    state: Pick<
      ResidentRecipient,
      'index' | 'attempts' | 'dueAt' | 'delayAt' | 'lastAttempt' | 'hold' | 'hasRow'
    >,
  ): ResidentRecipient {
    invariant(!message.recipients[state.index], 'a recipient is owned once')
    const queue = this.#queueFor(queueName)
    // Named one by one: fields that are spread are kept apart from the others, and very many are in memory.
    const recipient: ResidentRecipient = {
      message,
      index: state.index,
      queue,
      kind: 'owned',
      attempts: state.attempts,
      dueAt: state.dueAt,
      lastAttempt: state.lastAttempt,
      delayAt: state.delayAt,
      hold: state.hold,
      hasRow: state.hasRow,
      changedBy: 0,
    }
    message.recipients[state.index] = recipient
    message.known++
    if (message.owned++ === 0) this.#inHand += envelopeSize(message)
    queue.known++
    queue.owned++
    this.#owned++
    if (!state.hasRow) {
      queue.alive++
      this.#alive++
      this.dirty.add(recipient)
    }
    return recipient
  }

  /** It waits again, and is due at `latest` or before. */
  giveBack(recipient: ResidentRecipient, latest: Instant): void {
    if (recipient.dueAt > latest) {
      recipient.dueAt = latest
      this.dirty.add(recipient)
    }
    this.#enter(recipient, 'waiting')
    if (!this.dirty.has(recipient)) this.#forget(recipient)
  }

  defer(
    recipient: ResidentRecipient,
    change: Pick<ResidentRecipient, 'attempts' | 'dueAt' | 'lastAttempt' | 'changedBy'>,
  ): void {
    Object.assign(recipient, change)
    this.dirty.add(recipient)
    this.#enter(recipient, 'waiting')
  }

  /** Its submitter knows that it waits. */
  told(recipient: ResidentRecipient, changedBy: number): void {
    Object.assign(recipient, { changedBy, delayAt: null })
    this.dirty.add(recipient)
    this.#enter(recipient, 'waiting')
  }

  /** It waits until somebody decides. */
  hold(
    recipient: ResidentRecipient,
    change: Pick<ResidentRecipient, 'dueAt' | 'lastAttempt'> &
      Partial<Pick<ResidentRecipient, 'delayAt' | 'changedBy'>>,
  ): void {
    Object.assign(recipient, change, { hold: 'held' })
    this.dirty.add(recipient)
    this.#enter(recipient, 'waiting')
  }

  /** It cannot be handed out now, and is due again at `dueAt`. */
  postpone(recipient: ResidentRecipient, dueAt: Instant): void {
    recipient.dueAt = dueAt
    this.dirty.add(recipient)
    this.#enter(recipient, 'waiting')
  }

  /** Somebody has decided that it goes out. */
  release(recipient: ResidentRecipient, dueAt: Instant, changedBy: number): void {
    Object.assign(recipient, { changedBy, dueAt, hold: 'released' })
    this.dirty.add(recipient)
    this.#enter(recipient, 'waiting')
  }

  finish(recipient: ResidentRecipient, changedBy: number): void {
    recipient.changedBy = changedBy
    // Also without a row: until the outcome is synced, the index may not be complete beyond its mail.
    this.dirty.add(recipient)
    this.#enter(recipient, 'final')
  }

  /** For these the index now says what is so. */
  checkpointed(settled: readonly ResidentRecipient[]): void {
    for (const { queue } of settled) queue.unindexedDueAt = Number.POSITIVE_INFINITY
    for (const recipient of settled) {
      this.dirty.delete(recipient)
      recipient.hasRow = recipient.kind !== 'final'
      if (recipient.kind !== 'owned') this.#forget(recipient)
    }
    for (const { kind, queue, dueAt } of this.dirty)
      if (kind === 'waiting') queue.unindexedDueAt = Math.min(queue.unindexedDueAt, dueAt)
  }

  /** Rows of a queue were changed: those of whom the queue owns are put right by the next checkpoint. */
  touchOwned(queue: string): void {
    for (const message of this.#byLsn.values())
      for (const recipient of message.recipients)
        if (recipient?.queue.name === queue && recipient.hasRow) this.dirty.add(recipient)
  }

  #enter(recipient: ResidentRecipient, next: ResidentKind): void {
    const allowed: readonly ResidentKind[] = transitions[recipient.kind]
    invariant(allowed.includes(next), `${recipient.kind} may not become ${next}`)
    const { queue, message } = recipient
    recipient.kind = next
    queue.owned--
    this.#owned--
    if (--message.owned === 0) {
      this.#inHand -= envelopeSize(message)
      this.#onReleased(message)
    }
    if (next === 'final') {
      queue.alive--
      this.#alive--
    } else if (this.dirty.has(recipient))
      queue.unindexedDueAt = Math.min(queue.unindexedDueAt, recipient.dueAt)
  }

  #forget(recipient: ResidentRecipient): void {
    const { message, queue } = recipient
    this.dirty.delete(recipient)
    message.recipients[recipient.index] = undefined
    if (--queue.known === 0) this.#queues.delete(queue.name)
    if (--message.known > 0) return
    this.#byLsn.delete(message.lsn)
    if (message.message) this.#byId.delete(message.message.id)
  }

  #queueFor(name: string): ResidentQueue {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      const alive = this.#rowsOf(name)
      queue = { name, alive, owned: 0, known: 0, unindexedDueAt: Number.POSITIVE_INFINITY }
      this.#queues.set(name, queue)
    }
    return queue
  }
}

function envelopeSize({ message }: Resident): number {
  return message?.envelope.recipients.length ?? 0
}
