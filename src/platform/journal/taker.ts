// SPDX-License-Identifier: Apache-2.0
/**
 * Hands recipients out of the index. Who is owned, or changed since the last checkpoint, is a resident and passed
 * over, so ownership needs no write; what waits and is not indexed yet is indexed first where it is due.
 */
import { type Instant, instant, minutes, plus } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { type Message, NO_END, type WaitingRecipient } from '../../spool/message.ts'
import { queueOf } from '../../spool/queue-name.ts'
import type { Taken, WaitingQueue } from '../../spool/spool.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { IndexGuard } from './index-guard.ts'
import type { FoundRow, IndexedQueue, IndexReader } from './index-reader.ts'
import { MailLoader } from './mail-loader.ts'
import type { MailReader } from './mail-reader.ts'
import {
  addressOf,
  type Resident,
  type ResidentQueue,
  type ResidentRecipient,
  residentAt,
  residentOf,
} from './resident.ts'
import type { Residents } from './residents.ts'
import { HELD, indexOfRow, lsnOfRow, type Row } from './row.ts'
import type { Troubles } from './troubles.ts'

export interface TakerParts {
  readonly residents: Residents
  readonly index: IndexReader
  readonly guard: IndexGuard
  readonly checkpointer: Checkpointer
  readonly reader: MailReader
  readonly troubles: Troubles
  readonly clock: Clock
}

const INDEX_RETRY_MS = 1_000
/** Mail that cannot be read (no descriptors, a disk that does not answer) is due again after this. */
const UNREADABLE_WAIT = minutes(1)
/** Mail records that are read at once. */
const READ_AHEAD = 32
/** Rows of one step of a walk through everybody: some milliseconds. */
const PAGE = 256

export class Taker {
  readonly #parts: TakerParts
  readonly #loader: MailLoader

  constructor(parts: TakerParts) {
    this.#parts = parts
    this.#loader = new MailLoader(parts)
  }

  async take(queue: string, now: Instant, limit: number): Promise<Taken> {
    const { index } = this.#parts
    const isIndexed =
      this.#unindexedDueAt(queue) > now || (await this.#parts.checkpointer.attempt())
    const due: Row[] = []
    let nextDueAt = this.#unindexedDueAt(queue)
    // Who is not in the index cannot be taken: not before the disk may work again.
    if (!isIndexed) nextDueAt = Math.max(nextDueAt, now + INDEX_RETRY_MS)
    const indexed = index.queue(queue)
    for (const { lane } of indexed ? index.lanes(indexed.id) : [])
      for (const row of this.#unowned(lane)) {
        const isTaken = row.dueAt <= now && due.length < limit
        if (isTaken) due.push(row)
        else {
          nextDueAt = Math.min(nextDueAt, row.dueAt)
          break
        }
      }
    const owned = due.map((row) => this.#own(row, queue))
    return { recipients: await this.#handOver(owned), nextDueAt: finite(nextDueAt) }
  }

  async takeExpired(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#takeRows(() => this.#parts.index.expired(now), limit)
  }

  async takeDelayed(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#takeRows(() => this.#parts.index.delayed(now), limit)
  }

  async takeOverheld(now: Instant, limit: number): Promise<readonly WaitingRecipient[]> {
    return this.#takeRows(() => this.#parts.index.overheld(now), limit)
  }

  takeHeld(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]> {
    return this.#takeAgain(recipients, ({ priority }) => priority === HELD)
  }

  takeWaiting(recipients: readonly WaitingRecipient[]): Promise<readonly WaitingRecipient[]> {
    return this.#takeAgain(recipients, () => true)
  }

  async *look(isWanted: (queue: string) => boolean): AsyncIterable<readonly WaitingRecipient[]> {
    const { checkpointer, index, residents } = this.#parts
    if (residents.dirty.size > 0) await checkpointer.attempt()
    for (let after = 0; ; ) {
      const page = index.rowsAfter(after, PAGE)
      const wanted = page.filter(({ row, queue }) => isWanted(queue) && !this.#isResident(row))
      yield await this.#look(wanted.map(({ row }) => row))
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      after = last.row.number
    }
  }

  async *held(): AsyncIterable<WaitingRecipient> {
    const { checkpointer, index, residents } = this.#parts
    if (residents.dirty.size > 0) await checkpointer.attempt()
    for (let after = 0; ; ) {
      const page = index.held(after, READ_AHEAD).map(({ row }) => row)
      yield* await this.#look(page.filter((row) => !this.#isResident(row)))
      const last = page.at(-1)
      if (last === undefined || page.length < READ_AHEAD) return
      after = last.number
    }
  }

  async peek(queue: string, limit: number): Promise<readonly WaitingRecipient[]> {
    const { index, checkpointer } = this.#parts
    if (Number.isFinite(this.#unindexedDueAt(queue))) await checkpointer.attempt()
    const rows: Row[] = []
    const indexed = index.queue(queue)
    for (const { lane } of indexed ? index.lanes(indexed.id) : [])
      for (const row of this.#unowned(lane)) {
        if (rows.length >= limit) break
        rows.push(row)
      }
    return this.#look(rows)
  }

  /** Those that were seen, as their rows are now. */
  #takeAgain(
    recipients: readonly WaitingRecipient[],
    isMeant: (row: Row) => boolean,
  ): Promise<readonly WaitingRecipient[]> {
    const { index } = this.#parts
    const find = () =>
      recipients.flatMap(({ address, index: at, message }) => {
        const row = index
          .rowsOfMail(residentOf(address).lsn)
          .find((each) => indexOfRow(each.number) === at && isMeant(each))
        return row ? [{ row, queue: queueOf(message, at) }] : []
      })
    return this.#takeRows(find, recipients.length)
  }

  /** Reads their messages, each once; whoever's record is damaged or moves just now is left out. */
  async #look(rows: readonly Row[]): Promise<readonly WaitingRecipient[]> {
    const { reader } = this.#parts
    const places = new Map(rows.map((row) => [lsnOfRow(row.number), placeOf(row)]))
    const read = await Promise.all(
      [...places].map(async ([lsn, place]) => [lsn, await reader.facts(place)] as const),
    )
    const known = new Map(read)
    const seen: WaitingRecipient[] = []
    for (const row of rows) {
      const facts = known.get(lsnOfRow(row.number)) ?? null
      if (facts === null || facts === 'elsewhere') continue
      const address = addressOf(residentAt({ ...placeOf(row), message: facts.message }))
      const { attempts, dueAt, lastAttempt } = stateOf(row)
      const index = indexOfRow(row.number)
      seen.push({ message: facts.message, address, index, attempts, dueAt, lastAttempt })
    }
    return seen
  }

  *waiting(): Iterable<WaitingQueue> {
    const { index, residents } = this.#parts
    const seen = new Set<string>()
    for (const indexed of index.queues()) {
      const known = residents.queue(indexed.name)
      seen.add(indexed.name)
      const waiting = known ? known.alive - known.owned : indexed.rows
      if (waiting > 0)
        yield { queue: indexed.name, waiting, nextDueAt: this.#nextDueAt(indexed, known) }
    }
    for (const { name, alive, owned, unindexedDueAt } of residents.queues())
      if (!seen.has(name) && alive > owned)
        yield { queue: name, waiting: alive - owned, nextDueAt: instant(unindexedDueAt) }
  }

  async #takeRows(
    find: () => Iterable<FoundRow>,
    limit: number,
  ): Promise<readonly WaitingRecipient[]> {
    const { checkpointer, residents } = this.#parts
    if (residents.dirty.size > 0) await checkpointer.attempt()
    const free: FoundRow[] = []
    for (const found of find()) {
      if (free.length >= limit) break
      if (!this.#isResident(found.row)) free.push(found)
    }
    return this.#handOver(free.map(({ row, queue }) => this.#own(row, queue)))
  }

  #nextDueAt(indexed: IndexedQueue, known: ResidentQueue | undefined): Instant {
    if (!known) return indexed.firstDueAt
    let earliest = known.unindexedDueAt
    for (const { lane } of this.#parts.index.lanes(indexed.id))
      for (const row of this.#unowned(lane)) {
        earliest = Math.min(earliest, row.dueAt)
        break
      }
    // Of who is held alone.
    return instant(Number.isFinite(earliest) ? earliest : indexed.firstDueAt)
  }

  #unindexedDueAt(queue: string): number {
    return this.#parts.residents.queue(queue)?.unindexedDueAt ?? Number.POSITIVE_INFINITY
  }

  *#unowned(lane: number): Iterable<Row> {
    for (const row of this.#parts.index.rows(lane)) if (!this.#isResident(row)) yield row
  }

  #isResident(row: Row): boolean {
    const message = this.#parts.residents.byLsn(lsnOfRow(row.number))
    return message?.recipients[indexOfRow(row.number)] !== undefined
  }

  #own(row: Row, queue: string): ResidentRecipient {
    const { residents } = this.#parts
    const message =
      residents.byLsn(lsnOfRow(row.number)) ??
      residents.addMessage({ ...placeOf(row), message: null })
    const index = indexOfRow(row.number)
    const hold = row.priority === HELD ? 'held' : 'none'
    return residents.own(message, queue, { ...stateOf(row), index, hold, hasRow: true })
  }

  /** Reads the messages of recipients that are owned by now. Mail that cannot be read waits again, and damaged mail is held. */
  async #handOver(owned: readonly ResidentRecipient[]): Promise<readonly WaitingRecipient[]> {
    const damaged = new Set<Resident>()
    try {
      const unread = [...new Set(owned.map((recipient) => recipient.message))].filter(
        (resident) => resident.message === null,
      )
      for (let at = 0; at < unread.length; at += READ_AHEAD)
        await Promise.all(
          unread.slice(at, at + READ_AHEAD).map(async (one) => {
            if ((await this.#loader.load(one)) === 'damaged') damaged.add(one)
          }),
        )
    } catch (thrown) {
      for (const recipient of owned) this.#parts.residents.giveBack(recipient, recipient.dueAt)
      throw thrown
    }
    const taken: WaitingRecipient[] = []
    for (const { message: resident, queue, index, attempts, dueAt, lastAttempt } of owned) {
      const { message } = resident
      if (message && !isOf(message, index, queue.name))
        throw this.#parts.guard.damaged(`a row of mail record ${resident.lsn} names a wrong queue`)
      if (message)
        taken.push({ message, address: addressOf(resident), index, attempts, dueAt, lastAttempt })
    }
    this.#keepBack(
      owned.filter(({ message }) => message.message === null),
      damaged,
    )
    return taken
  }

  /** Nobody is given up here: a record that a backup brings back is read again when its recipients are released. */
  #keepBack(unread: readonly ResidentRecipient[], damaged: ReadonlySet<Resident>): void {
    const { clock, residents } = this.#parts
    const again = plus(clock.now(), UNREADABLE_WAIT)
    for (const recipient of unread) {
      const { dueAt, hold, lastAttempt, message } = recipient
      if (damaged.has(message))
        residents.hold(recipient, { dueAt: NO_END, delayAt: null, lastAttempt })
      else if (hold === 'held') residents.giveBack(recipient, dueAt)
      else residents.postpone(recipient, instant(Math.max(dueAt, again)))
    }
  }
}

function isOf(message: Message, index: number, queue: string): boolean {
  return index < message.envelope.recipients.length && queueOf(message, index) === queue
}

function placeOf(row: Row) {
  const { number, octets, offset, segment } = row
  return { lsn: lsnOfRow(number), segment, offset, share: octets }
}

function stateOf(row: Row) {
  const { attempts, dueAt, delayAt, lastAttempt } = row
  return { attempts, dueAt: instant(dueAt), delayAt, lastAttempt }
}

function finite(at: number): Instant | null {
  return Number.isFinite(at) ? instant(at) : null
}
