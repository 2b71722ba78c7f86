// SPDX-License-Identifier: Apache-2.0
/**
 * The file of the search view, in SQLite. It has nothing that the journals have not: lost, damaged or of another version it
 * is made anew. A row says what an event is about and where it lies; what it says is read from there.
 *
 *   part      the events of a stretch of time, in tables of their own: what is too old goes as a whole
 *   event_N   one row an event, by time
 *   page_N    leads from what it is looked up by (message, recipient, Message-ID) to it: pages of sorted runs
 *   run       the runs of all parts, and how many entries each has
 *   fresh     entries that are in no run yet, as they came: one row a transaction
 *   word      what recurs (tenants, streams, types …), as numbers
 */
import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Cursor } from '../../events/cursor.ts'
import { formatCursor, parseCursor } from '../../events/cursor.ts'

const SEARCH_VERSION = 2
const CACHE_KIB = 16 * 1_024
/** Pages of 4 KiB after which what was written moves into the file. */
const CHECKPOINT_PAGES = 4_096

const SCHEMA = `
  create table view (id integer primary key check (id = 1), cursor text not null) strict;
  create table part (id integer primary key, since integer not null, latest integer not null, events integer not null) strict;
  create table run (id integer primary key, part integer not null, entries integer not null) strict;
  create table fresh (id integer primary key, part integer not null, entries blob not null) strict;
  create table word (id integer primary key, kind text not null, text text not null, unique (kind, text)) strict;
`

/** How far the file is complete. */
export interface OpenedSearch {
  readonly database: DatabaseSync
  readonly cursor: Cursor
  /** Why it was made anew; `null` where it was not, or there was none. */
  readonly madeAnew: string | null
}

export function openSearch(path: string): OpenedSearch {
  const before = existsSync(path) ? open(path) : null
  if (before !== null && typeof before !== 'string') return { ...before, madeAnew: null }
  deleteSearch(path)
  const fresh = open(path)
  if (typeof fresh === 'string') throw new Error(`the search view cannot be made: ${fresh}`)
  return { ...fresh, madeAnew: before }
}

export function deleteSearch(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
}

/** What is wrong with it, in words. */
function open(path: string): Omit<OpenedSearch, 'madeAnew'> | string {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path)
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory;
       pragma cache_size = -${CACHE_KIB}; pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    )
    const version = Number(database.prepare('pragma user_version').get()?.['user_version'])
    if (version === 0) create(database)
    else if (version !== SEARCH_VERSION) throw new Error(`it has version ${version}`)
    const row = database.prepare('select cursor from view').get()
    return { database, cursor: parseCursor(String(row?.['cursor'])) }
  } catch (thrown) {
    // Damaged, of another version, or not ours; a file that cannot be made at all says so to the caller.
    database?.close()
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

function create(database: DatabaseSync): void {
  database.exec(`begin immediate; ${SCHEMA}; insert into view values (1, '${formatCursor(new Map())}');
    pragma user_version = ${SEARCH_VERSION}; commit`)
}
