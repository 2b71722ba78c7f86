// SPDX-License-Identifier: Apache-2.0
/** What the index is asked. All statements are synchronous and short: none scans a table. */
import type { SQLOutputValue } from 'node:sqlite'
import { type Instant, instant } from '../../base/brand.ts'
import { NO_END } from '../../spool/message.ts'
import type { IndexDatabase, IndexStatement } from './index-guard.ts'
import {
  attemptIn,
  HELD,
  laneOf,
  PRIORITIES,
  RECIPIENTS_PER_LSN,
  type Row,
  rowNumber,
} from './row.ts'

export interface IndexedQueue {
  readonly id: number
  readonly name: string
  /** Rows, owned ones included. */
  readonly rows: number
  /** Of the row that is due first. */
  readonly firstDueAt: Instant
}

/** A row, and the name of the queue that it waits in. */
export interface FoundRow {
  readonly row: Row
  readonly queue: string
}

/** A queue's rows of one priority. */
export interface IndexedLane {
  readonly lane: number
  readonly firstDueAt: number
}

/** What still lives of a mail segment. */
export interface SegmentUse {
  readonly first: number
  readonly recipients: number
  readonly octets: number
  /** Content of what failed is kept until then. */
  readonly keepUntil: Instant
}

/** Queues that are read at once. */
const PAGE = 500

export class IndexReader {
  readonly #statements

  constructor(database: IndexDatabase) {
    this.#statements = prepare(database)
  }

  queue(name: string): IndexedQueue | null {
    const row = this.#statements.queue.get(name)
    return row ? queueOf(row) : null
  }

  /** Of all queues. */
  rowCount(): number {
    return Number(this.#statements.rowCount.get()?.['rows'])
  }

  /** In pages, so that nobody else waits for a million of them. */
  *queues(): Iterable<IndexedQueue> {
    for (let after = 0; ; ) {
      const page = this.#statements.queues.all(after, PAGE).map(queueOf)
      yield* page
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      after = last.id
    }
  }

  /** The lanes of a queue that have rows, the one that is sent from first; not that of who is held. */
  *lanes(queueId: number): Iterable<IndexedLane> {
    const end = laneOf(queueId, HELD)
    for (let after = laneOf(queueId, 0) - 1; ; ) {
      const row = this.#statements.nextLane.get(after, end)
      if (!row) return
      after = Number(row['lane'])
      yield { lane: after, firstDueAt: Number(row['due']) }
    }
  }

  /** By due time, then reception. */
  *rows(lane: number): Iterable<Row> {
    for (const row of this.#statements.rows.iterate(lane)) yield rowOf(row)
  }

  /** Rows that are too old at `now`, the oldest first, and the queues that they wait in. */
  *expired(now: Instant): Iterable<FoundRow> {
    for (const row of this.#statements.expired.iterate(now)) yield foundOf(row)
  }

  /** Rows whose submitter is to be told of the delay at `now`, those of the longest delay first. */
  *delayed(now: Instant): Iterable<FoundRow> {
    for (const row of this.#statements.delayed.iterate(now)) yield foundOf(row)
  }

  /** Rows of who is held, by reception, after that number; and the queues that they wait in. */
  held(after: number, limit: number): readonly FoundRow[] {
    return this.#statements.held.all(after, limit).map(foundOf)
  }

  /** Rows of everybody, by reception, after that number; and the queues that they wait in. */
  rowsAfter(after: number, limit: number): readonly FoundRow[] {
    return this.#statements.after.all(after, limit).map(foundOf)
  }

  /** Rows of holds that end at `now`, the oldest first. */
  *overheld(now: Instant): Iterable<FoundRow> {
    for (const row of this.#statements.overheld.iterate(now)) yield foundOf(row)
  }

  /** When the first hold in a queue ends; `null`: nobody is held there. */
  firstHeldUntil(queueId: number): number | null {
    const lane = laneOf(queueId, HELD)
    const row = this.#statements.nextLane.get(lane - 1, lane + 1)
    return row ? Number(row['due']) : null
  }

  rowsOfMail(mailLsn: number): Row[] {
    const first = rowNumber(mailLsn, 0)
    return this.#statements.ofMail.all(first, first + RECIPIENTS_PER_LSN).map(rowOf)
  }

  isWaiting(mailLsn: number): boolean {
    const first = rowNumber(mailLsn, 0)
    return this.#statements.anyOfMail.get(first, first + RECIPIENTS_PER_LSN) !== undefined
  }

  /** Whether somebody waits whose mail was accepted into the segment between these LSNs. Looks at rows, not at counters. */
  isUsed(segment: number, nextSegment: number): boolean {
    const last = rowNumber(nextSegment, 0)
    return this.#statements.anyInSegment.get(rowNumber(segment, 0), last, segment) !== undefined
  }

  segments(): SegmentUse[] {
    return this.#statements.segments.all().map((row) => ({
      first: Number(row['first']),
      recipients: Number(row['recipients']),
      octets: Number(row['octets']),
      keepUntil: instant(Number(row['keep'])),
    }))
  }

  /** Names of all content files. */
  files(): string[] {
    return this.#statements.files.all().map((row) => String(row['name']))
  }

  /** Content files that nobody has to keep after `now`; some recipient may still wait. */
  releasedFiles(now: Instant): { readonly name: string; readonly mailLsn: number }[] {
    return this.#statements.releasedFiles
      .all(now)
      .map((row) => ({ name: String(row['name']), mailLsn: Number(row['mail']) }))
  }
}

/** When the first row of a queue is due, of any priority; where all are held, when the first of them is over. */
export function firstDue(reader: IndexReader, queueId: number): number | null {
  let earliest: number | null = null
  for (const { firstDueAt } of reader.lanes(queueId))
    earliest = Math.min(earliest ?? firstDueAt, firstDueAt)
  return earliest ?? reader.firstHeldUntil(queueId)
}

type Columns = Record<string, SQLOutputValue>

function queueOf(row: Columns): IndexedQueue {
  return {
    id: Number(row['id']),
    name: String(row['name']),
    rows: Number(row['waiting']),
    firstDueAt: instant(Number(row['due'])),
  }
}

function foundOf(row: Columns): FoundRow {
  return { row: rowOf(row), queue: String(row['name']) }
}

/** Of a message that the index has lost, the row says so by a place where nothing can be. */
function rowOf(row: Columns): Row {
  const { attempt, delay } = row
  return {
    number: Number(row['number']),
    priority: Number(row['lane']) % PRIORITIES,
    dueAt: Number(row['due']),
    expiresAt: Number(row['expires'] ?? 0),
    attempts: Number(row['attempts']),
    segment: Number(row['segment'] ?? 0),
    offset: Number(row['offset'] ?? 0),
    octets: Number(row['octets'] ?? 0),
    delayAt: typeof delay === 'number' ? delay : null,
    lastAttempt: typeof attempt === 'string' ? attemptIn(attempt) : null,
  }
}

function prepare(database: IndexDatabase) {
  const sql = (text: string): IndexStatement => database.prepare(text)
  const withMail = `recipient left join mail on mail.lsn = recipient.number / ${RECIPIENTS_PER_LSN}`
  const queueOf = `queue on queue.id = recipient.lane / ${PRIORITIES}`
  return {
    queue: sql('select * from queue where name = ?'),
    queues: sql('select * from queue where id > ? order by id limit ?'),
    rowCount: sql('select total(waiting) as rows from queue'),
    nextLane: sql(
      'select lane, due from recipient where lane > ? and lane < ? order by lane, due limit 1',
    ),
    rows: sql(`select * from ${withMail} where lane = ? order by due, number`),
    expired: sql(
      `select recipient.*, mail.*, queue.name from mail cross join recipient
         on number >= lsn * ${RECIPIENTS_PER_LSN} and number < (lsn + 1) * ${RECIPIENTS_PER_LSN}
       join ${queueOf} where expires <= ? and recipient.due < ${NO_END} order by expires`,
    ),
    delayed: sql(
      `select recipient.*, mail.*, queue.name from ${withMail} join ${queueOf}
       where delay <= ? order by delay`,
    ),
    held: sql(
      `select recipient.*, mail.*, queue.name from ${withMail} join ${queueOf}
       where lane % ${PRIORITIES} = ${HELD} and number > ? order by number limit ?`,
    ),
    after: sql(
      `select recipient.*, mail.*, queue.name from ${withMail} join ${queueOf}
       where number > ? order by number limit ?`,
    ),
    overheld: sql(
      `select recipient.*, mail.*, queue.name from ${withMail} join ${queueOf}
       where lane % ${PRIORITIES} = ${HELD} and recipient.due <= ? order by recipient.due`,
    ),
    ofMail: sql(`select * from ${withMail} where number >= ? and number < ? order by number`),
    anyOfMail: sql('select 1 from recipient where number >= ? and number < ? limit 1'),
    anyInSegment: sql(
      `select 1 from ${withMail} where number >= ?1 and number < ?2 and coalesce(segment, ?3) = ?3
       limit 1`,
    ),
    segments: sql('select * from segment order by first'),
    files: sql('select name from file'),
    releasedFiles: sql('select name, mail from file where keep > 0 and keep <= ?'),
  }
}
