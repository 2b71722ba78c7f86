// SPDX-License-Identifier: Apache-2.0
/** What the index is asked. All statements are synchronous and short: none scans a table. */
import type { SQLOutputValue } from 'node:sqlite'
import { type Instant, instant } from '../../base/brand.ts'
import type { LastAttempt } from '../../spool/message.ts'
import type { IndexDatabase, IndexStatement } from './index-guard.ts'
import { RECIPIENTS_PER_LSN, type Row, rowNumber } from './row.ts'

export interface IndexedQueue {
  readonly id: number
  readonly name: string
  /** Rows, owned ones included. */
  readonly rows: number
  /** Of the row that is due first. */
  readonly firstDueAt: Instant
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

  /** Priorities that a queue's rows have, the first to be sent first. */
  *priorities(queueId: number): Iterable<number> {
    for (let last = -1; ; ) {
      const row = this.#statements.nextPriority.get(queueId, last)
      if (!row) return
      last = Number(row['priority'])
      yield last
    }
  }

  /** By due time, then reception. */
  *rows(queueId: number, priority: number): Iterable<Row> {
    for (const row of this.#statements.rows.iterate(queueId, priority)) yield rowOf(row)
  }

  /** Rows that are too old at `now`, the oldest first, and the queues that they wait in. */
  *expired(now: Instant): Iterable<{ readonly row: Row; readonly queue: string }> {
    for (const row of this.#statements.expired.iterate(now))
      yield { row: rowOf(row), queue: String(row['name']) }
  }

  /** Rows whose submitter is to be told of the delay at `now`, those of the longest delay first. */
  *delayed(now: Instant): Iterable<{ readonly row: Row; readonly queue: string }> {
    for (const row of this.#statements.delayed.iterate(now))
      yield { row: rowOf(row), queue: String(row['name']) }
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

/** When the first row of a queue is due, of any priority. */
export function firstDue(reader: IndexReader, queueId: number): number | null {
  let earliest: number | null = null
  for (const priority of reader.priorities(queueId))
    for (const row of reader.rows(queueId, priority)) {
      earliest = Math.min(earliest ?? row.dueAt, row.dueAt)
      break
    }
  return earliest
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

function rowOf(row: Columns): Row {
  const { attempt, delay } = row
  return {
    number: Number(row['number']),
    priority: Number(row['priority']),
    dueAt: Number(row['due']),
    expiresAt: Number(row['expires']),
    attempts: Number(row['attempts']),
    segment: Number(row['segment']),
    offset: Number(row['offset']),
    octets: Number(row['octets']),
    delayAt: typeof delay === 'number' ? delay : null,
    lastAttempt: typeof attempt === 'string' ? (JSON.parse(attempt) as LastAttempt) : null,
  }
}

function prepare(database: IndexDatabase) {
  const sql = (text: string): IndexStatement => database.prepare(text)
  return {
    queue: sql('select * from queue where name = ?'),
    queues: sql('select * from queue where id > ? order by id limit ?'),
    nextPriority: sql(
      `select priority from recipient where queue = ? and priority > ?
       order by priority limit 1`,
    ),
    rows: sql('select * from recipient where queue = ? and priority = ? order by due, number'),
    expired: sql(
      `select recipient.*, queue.name from recipient join queue on queue.id = recipient.queue
       where expires <= ? order by expires`,
    ),
    delayed: sql(
      `select recipient.*, queue.name from recipient join queue on queue.id = recipient.queue
       where delay <= ? order by delay`,
    ),
    ofMail: sql('select * from recipient where number >= ? and number < ? order by number'),
    anyOfMail: sql('select 1 from recipient where number >= ? and number < ? limit 1'),
    anyInSegment: sql(
      'select 1 from recipient where number >= ? and number < ? and segment = ? limit 1',
    ),
    segments: sql('select * from segment order by first'),
    files: sql('select name from file'),
    releasedFiles: sql('select name, mail from file where keep > 0 and keep <= ?'),
  }
}
