// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the rows of a filter, some at a time: by a term where one is given, else by going through time. What rows cannot say
 * (whether a term collides, a tag of another event's message) the caller checks on the events.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { anyGlob, globOf } from '../../base/glob.ts'
import type { EventFilter } from '../../control/search/event-search.ts'
import { journalId, lsn, type MessageId } from '../../events/ids.ts'
import type { EventPlace } from '../../spool/event-feed.ts'
import { type EventKey, firstKey, type Order } from './event-key.ts'
import type { Part, Parts } from './parts.ts'
import { headerTerm, messageTerm, recipientTerm } from './terms.ts'
import type { WordKind, Words } from './words.ts'

export interface FoundRow extends EventPlace {
  readonly at: number
}

export interface FoundRows {
  readonly rows: readonly FoundRow[]
  /** Where to go on; `null`: that was all. */
  readonly next: EventKey | null
}

/** Rows that one step goes through: few at first, for most filters find some soon. */
const FIRST_SCAN = 1_000
const LONGEST_SCAN = 50_000

/** What the columns must say. */
interface Conditions {
  readonly sql: string
  readonly values: readonly number[]
}

export class SearchReader {
  readonly #database: DatabaseSync
  readonly #parts: Parts
  readonly #words: Words

  constructor(database: DatabaseSync, parts: Parts, words: Words) {
    this.#database = database
    this.#parts = parts
    this.#words = words
  }

  /** The next rows after `after`, at most `limit`: none where a step found nothing, and the next one may. `step` counts from 0. */
  rows(
    filter: EventFilter,
    order: Order,
    after: EventKey,
    { limit, step }: { readonly limit: number; readonly step: number },
  ): FoundRows {
    const scanned = Math.min(FIRST_SCAN * 4 ** step, LONGEST_SCAN)
    const conditions = this.#conditions(filter)
    if (conditions === null) return { rows: [], next: null }
    const parts = this.#partsAfter(filter, order, after)
    const term = termOf(filter)
    for (const [index, part] of parts.entries()) {
      const found =
        term === null
          ? this.#scan(part, conditions, order, after, { limit, scanned })
          : this.#byTerm(part, term, conditions, order, after, { limit, scanned })
      const isLast = index === parts.length - 1
      if (found.rows.length > 0 || found.next !== null)
        return found.next === null && !isLast
          ? { ...found, next: found.rows.at(-1) ?? null }
          : found
    }
    return { rows: [], next: null }
  }

  /** Whether the message of that id has the tag. */
  hasTag(message: MessageId, tag: string): boolean {
    const word = this.#words.find('tag', tag)
    if (word === null) return false
    const term = messageTerm(message)
    return this.#parts.within(null, null).some(({ id, terms }) => {
      let says: StatementSync | null = null
      for (const { at, journal, lsn } of terms.keys(term, 'oldest', firstKey('oldest'))) {
        says ??= this.#database.prepare(
          `select 1 from event_${id} where (at, journal, lsn) = (?, ?, ?) and tags like ?`,
        )
        if (says.get(at, journal, lsn, `%,${word},%`) !== undefined) return true
      }
      return false
    })
  }

  #byTerm(
    { id, terms }: Part,
    term: number,
    { sql, values }: Conditions,
    order: Order,
    after: EventKey,
    { limit, scanned }: { readonly limit: number; readonly scanned: number },
  ): FoundRows {
    const rows: FoundRow[] = []
    let row: StatementSync | null = null
    let seen = 0
    for (const key of terms.keys(term, order, after)) {
      row ??= this.#database.prepare(
        `select at, journal, lsn, segment, offset from event_${id} e
         where (at, journal, lsn) = (?, ?, ?) ${sql}`,
      )
      const found = row.get(key.at, key.journal, key.lsn, ...values)
      if (found !== undefined) rows.push(rowOf(found))
      if (++seen === scanned || rows.length === limit) return { rows, next: key }
    }
    return { rows, next: null }
  }

  #scan(
    { id }: Part,
    { sql, values }: Conditions,
    order: Order,
    after: EventKey,
    { limit, scanned }: { readonly limit: number; readonly scanned: number },
  ): FoundRows {
    const { comparison, direction, within } = words(order)
    const by = `order by at ${direction}, journal ${direction}, lsn ${direction}`
    const key = [after.at, after.journal, after.lsn]
    const stop = this.#database
      .prepare(
        `select at, journal, lsn from event_${id} where (at, journal, lsn) ${comparison} (?, ?, ?)
         ${by} limit 1 offset ${scanned}`,
      )
      .get(...key)
    const end = stop === undefined ? null : keyOf(stop)
    const rows = this.#database
      .prepare(
        `select at, journal, lsn, segment, offset from event_${id} e
         where (at, journal, lsn) ${comparison} (?, ?, ?)
         ${end === null ? '' : `and (at, journal, lsn) ${within} (?, ?, ?)`} ${sql} ${by} limit ?`,
      )
      .all(...key, ...(end === null ? [] : [end.at, end.journal, end.lsn]), ...values, limit)
      .map(rowOf)
    return { rows, next: rows.length < limit ? end : (rows.at(-1) ?? null) }
  }

  /** In the order in which they are gone through. */
  #partsAfter({ since, until }: EventFilter, order: Order, after: EventKey): readonly Part[] {
    const parts =
      order === 'newest'
        ? this.#parts.within(since, Math.min(until ?? after.at, after.at) + 1)
        : this.#parts.within(Math.max(since ?? after.at, after.at), until)
    return order === 'newest' ? parts.toReversed() : parts
  }

  /** `null` where no event has what is asked for. */
  #conditions(filter: EventFilter): Conditions | null {
    const sql: string[] = []
    const values: number[] = []
    const exact = [
      'tenant',
      'stream',
      'campaign',
      'provider',
    ] as const satisfies readonly WordKind[]
    for (const kind of exact) {
      const text = filter[kind]
      if (text === null) continue
      const word = this.#words.find(kind, text)
      if (word === null) return null
      sql.push(`and e.${kind} = ?`)
      values.push(word)
    }
    if (filter.types.length > 0) {
      const globs = filter.types.map(globOf)
      const types = this.#words.all('type').filter(({ text }) => anyGlob(globs, text))
      if (types.length === 0) return null
      sql.push(`and e.type in (${types.map(({ id }) => id).join(', ')})`)
    }
    if (filter.since !== null) {
      sql.push('and e.at >= ?')
      values.push(filter.since)
    }
    if (filter.until !== null) {
      sql.push('and e.at < ?')
      values.push(filter.until)
    }
    return { sql: sql.join(' '), values }
  }
}

/** The one that leads to the fewest. */
function termOf({ message, recipient, headerMessageId }: EventFilter): number | null {
  if (message !== null) return messageTerm(message)
  if (headerMessageId !== null) return headerTerm(headerMessageId)
  return recipient === null ? null : recipientTerm(recipient)
}

function words(order: Order) {
  return order === 'newest'
    ? ({ comparison: '<', direction: 'desc', within: '>=' } as const)
    : ({ comparison: '>', direction: 'asc', within: '<=' } as const)
}

function keyOf(row: Record<string, unknown>): EventKey {
  return { at: Number(row['at']), journal: Number(row['journal']), lsn: Number(row['lsn']) }
}

function rowOf(row: Record<string, unknown>): FoundRow {
  const key = keyOf(row)
  return {
    at: key.at,
    journal: journalId(key.journal),
    lsn: lsn(key.lsn),
    segment: Number(row['segment']),
    offset: Number(row['offset']),
  }
}
