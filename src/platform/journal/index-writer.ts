// SPDX-License-Identifier: Apache-2.0
/**
 * Changes to the index, all in one transaction with the journal position that they are complete to. Each change may
 * be made again: recovery replays from a position that may lie before what the index already knows.
 */
import { prepareChanges } from './index-changes.ts'
import type { IndexDatabase } from './index-guard.ts'
import { firstDue, type IndexReader } from './index-reader.ts'
import {
  attemptText,
  laneOf,
  lsnOfRow,
  queueOfLane,
  RECIPIENTS_PER_LSN,
  type Row,
  rowNumber,
} from './row.ts'

/** Pages of 4 KiB that the file may keep free for the next mail: 8 MiB. */
const FREE_PAGES = 2_048
/** Pages that one step gives back: some milliseconds. */
const STEP_PAGES = 500

interface MailPlace {
  readonly segment: number
  /** Each recipient's share of the record. */
  readonly octets: number
}

/** Changes of counters, summed up for the end of the transaction. */
interface SegmentChange {
  recipients: number
  octets: number
  keepUntil: number
}

export class IndexWriter {
  readonly #database: IndexDatabase
  readonly #reader: IndexReader
  readonly #statements
  /** Queues of which rows went or changed: when they are due is looked up at the end of the transaction. */
  readonly #queues = new Map<number, number>()
  readonly #segments = new Map<number, SegmentChange>()
  /** Messages of which rows came or went, by their LSNs; `null`: the index has none of them. */
  readonly #mails = new Map<number, MailPlace | null>()
  /** Those of which rows went: with the last one the message goes. */
  readonly #thinned = new Set<number>()

  constructor(database: IndexDatabase, reader: IndexReader) {
    this.#database = database
    this.#reader = reader
    this.#statements = prepareChanges(database)
  }

  /** All of `work`'s changes and the position, or nothing. */
  transaction(position: number, work: () => void): void {
    this.#database.exec('begin immediate')
    try {
      work()
      this.#settleMails()
      this.#settleSegments()
      this.#settleQueues()
      this.#statements.position.run(position)
      this.#database.exec('commit')
    } catch (thrown) {
      // After some failures of the disk SQLite has done so itself.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw thrown
    } finally {
      this.#queues.clear()
      this.#segments.clear()
      this.#mails.clear()
      this.#thinned.clear()
    }
  }

  /** What was committed so far survives a power loss: before something is deleted that an older index would need. */
  secure(): void {
    this.#database.exec('pragma wal_checkpoint(passive)')
  }

  /** Gives some of the free pages back to the disk. `false`: few are left. */
  shrink(): boolean {
    const free = Number(this.#statements.freePages.get()?.['freelist_count'])
    if (free <= FREE_PAGES) return false
    this.#database.exec(`pragma incremental_vacuum(${STEP_PAGES})`)
    return true
  }

  /** Does nothing where the row exists. The first row of a message says where that is. */
  add(queue: string, row: Row): boolean {
    const { segment, octets } = this.#mailFor(row)
    const id = Number(this.#statements.enterQueue.get(queue, row.dueAt)?.['id'])
    const added = this.#statements.add.run(
      row.number,
      laneOf(id, row.priority),
      row.dueAt,
      row.attempts,
      row.delayAt,
      attemptText(row.lastAttempt),
    )
    if (added.changes === 0) {
      this.#countQueue(id, -1)
      return false
    }
    this.#countSegment(segment, 1, octets)
    return true
  }

  /** What a recipient has become. Like the next two it does nothing where there is no such row (the recipient is final). */
  change(row: Pick<Row, 'number' | 'dueAt' | 'attempts' | 'delayAt' | 'lastAttempt'>): void {
    this.defer(row)
    if (row.delayAt === null) this.told(row.number)
  }

  defer(row: Pick<Row, 'number' | 'dueAt' | 'attempts' | 'lastAttempt'>): void {
    const attempt = attemptText(row.lastAttempt)
    const found = this.#statements.defer.get(row.dueAt, row.attempts, attempt, row.number)
    if (found) this.#countQueue(queueOfLane(Number(found['lane'])), 0)
  }

  /** Who was held waits like others. Does nothing where there is no such row, or it is not held. */
  release(number: number, priority: number, dueAt: number): void {
    const found = this.#statements.release.get(priority, Math.round(dueAt), number)
    if (found) this.#countQueue(queueOfLane(Number(found['lane'])), 0)
  }

  /** It waits for somebody's decision from now on. Does nothing where there is no such row. */
  hold(number: number): void {
    const found = this.#statements.hold.get(number)
    if (found) this.#countQueue(queueOfLane(Number(found['lane'])), 0)
  }

  /** The submitter knows that the recipient waits. */
  told(number: number): void {
    this.#statements.told.run(number)
  }

  /** Returns the segment of its mail, or `null` where there was no row. */
  remove(number: number): number | null {
    const removed = this.#statements.remove.get(number)
    if (!removed) return null
    this.#countQueue(queueOfLane(Number(removed['lane'])), -1)
    const mailLsn = lsnOfRow(number)
    this.#thinned.add(mailLsn)
    const mail = this.#mailOf(mailLsn)
    if (mail) this.#countSegment(mail.segment, -1, -mail.octets)
    return mail?.segment ?? null
  }

  /** The record of a message now lies elsewhere. Does nothing where nobody waits for it. */
  move(mailLsn: number, segment: number, offset: number): void {
    const mail = this.#mailOf(mailLsn)
    if (mail === null) return
    const first = rowNumber(mailLsn, 0)
    const rows = Number(
      this.#statements.countOfMail.get(first, first + RECIPIENTS_PER_LSN)?.['rows'],
    )
    this.#statements.move.run(segment, offset, mailLsn)
    this.#mails.set(mailLsn, { ...mail, segment })
    this.#countSegment(mail.segment, -rows, -rows * mail.octets)
    this.#countSegment(segment, rows, rows * mail.octets)
  }

  /** At most `limit` rows of a queue that are due at another time become due at `dueAt`. Returns how many. */
  reschedule(queueId: number, dueAt: number, limit: number): number {
    let changed = 0
    for (const { lane } of this.#reader.lanes(queueId)) {
      const { rescheduleEarlier, rescheduleLater } = this.#statements
      for (const statement of [rescheduleEarlier, rescheduleLater])
        changed += Number(statement.run(dueAt, lane, dueAt, limit - changed).changes)
    }
    this.#countQueue(queueId, 0)
    return changed
  }

  /**
   * Of the rows after number `after`, `limit` are looked at: those that are due after `now`, and were tried or due already by a
   * clock that showed `by` more, are due so much earlier. Returns the number of the last one; `null`: there are no more.
   */
  hasten(after: number, now: number, by: number, limit: number): number | null {
    const last = this.#statements.lastOf.get(after, limit)?.['last']
    if (typeof last !== 'number') return null
    for (const row of this.#statements.hasten.all(now, by, after, last, now, now + by))
      this.#countQueue(queueOfLane(Number(row['lane'])), 0)
    return last
  }

  /** The segment stays at least until then. */
  keep(segment: number, until: number): void {
    const change = this.#segmentChange(segment)
    change.keepUntil = Math.max(change.keepUntil, until)
  }

  /** The message of that id, accepted with record `mailLsn`, has its content in a file of its own. */
  addFile(name: string, mailLsn: number): void {
    this.#statements.addFile.run(name, mailLsn)
  }

  /** A recipient is final: with the last one the file may go, after `until` (at least 1). */
  releaseFile(mailLsn: number, until: number): void {
    this.#statements.releaseFile.run(until, mailLsn)
  }

  removeFile(name: string): void {
    this.#statements.removeFile.run(name)
  }

  removeSegment(first: number): void {
    this.#statements.removeSegment.run(first)
  }

  /** Of a row that is added; made where it is the first of its message. */
  #mailFor({ number, segment, offset, octets, expiresAt }: Row): MailPlace {
    const mailLsn = lsnOfRow(number)
    const known = this.#mailOf(mailLsn)
    if (known) return known
    this.#statements.addMail.run(mailLsn, segment, offset, octets, expiresAt)
    const mail = { segment, octets }
    this.#mails.set(mailLsn, mail)
    return mail
  }

  #mailOf(mailLsn: number): MailPlace | null {
    const known = this.#mails.get(mailLsn)
    if (known !== undefined) return known
    const row = this.#statements.mail.get(mailLsn)
    const mail = row ? { segment: Number(row['segment']), octets: Number(row['octets']) } : null
    this.#mails.set(mailLsn, mail)
    return mail
  }

  #countQueue(id: number, change: number): void {
    this.#queues.set(id, (this.#queues.get(id) ?? 0) + change)
  }

  #countSegment(segment: number, recipients: number, octets: number): void {
    const change = this.#segmentChange(segment)
    change.recipients += recipients
    change.octets += octets
  }

  #segmentChange(segment: number): SegmentChange {
    let change = this.#segments.get(segment)
    if (change === undefined) {
      change = { recipients: 0, octets: 0, keepUntil: 0 }
      this.#segments.set(segment, change)
    }
    return change
  }

  #settleMails(): void {
    for (const mailLsn of this.#thinned) {
      const first = rowNumber(mailLsn, 0)
      this.#statements.dropMailOfNobody.run(mailLsn, first, first + RECIPIENTS_PER_LSN)
    }
  }

  #settleSegments(): void {
    for (const [first, change] of this.#segments)
      this.#statements.countSegment.run(first, change.recipients, change.octets, change.keepUntil)
  }

  #settleQueues(): void {
    for (const [id, change] of this.#queues) {
      this.#statements.countQueue.run(change, firstDue(this.#reader, id) ?? 0, id)
      this.#statements.dropEmptyQueue.run(id)
    }
  }
}
