// SPDX-License-Identifier: Apache-2.0
/**
 * The index: a checkpoint of the journal's fold, a row for each recipient that waits, in SQLite. Nothing in it is
 * the only copy: damaged, of another version or ahead of the journal, it is deleted and made anew.
 */
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../../base/errors.ts'
import { HELD, PRIORITIES } from './row.ts'

const INDEX_VERSION = 3

/** Of pages in memory, for each journal. */
const CACHE_KIB = 16 * 1_024
/** Of the write-ahead log, on the disk, when what is in it has been carried over. */
const IDLE_WAL_OCTETS = 4 * 1_024 * 1_024

/**
 * A row a message, and a small one a recipient: of ten million each octet counts. `recipient.lane` is queue and priority in one
 * (`laneOf`), `number` the LSN of the mail and the recipient's place in it (`rowNumber`). Lane and time are what `take` goes by; the number,
 * last, is the order of reception.
 */
const SCHEMA = `
  create table journal (
    id integer primary key check (id = 1), journal integer not null, position integer not null) strict;
  create table queue (
    id integer primary key, name text not null unique, waiting integer not null, due integer not null) strict;
  create table mail (
    lsn integer primary key, segment integer not null, offset integer not null, octets integer not null,
    expires integer not null) strict;
  create index mail_expires on mail (expires);
  create table recipient (
    number integer primary key, lane integer not null, due integer not null, attempts integer not null,
    delay integer, attempt text) strict;
  create index recipient_due on recipient (lane, due);
  create index recipient_delay on recipient (delay) where delay is not null;
  create table segment (
    first integer primary key, recipients integer not null, octets integer not null, keep integer not null) strict;
  create table file (name text primary key, mail integer not null, keep integer not null) strict, without rowid;
  create index file_mail on file (mail);
`

/** Few are held: they are found without a walk. Made where it is missing, also in an index that an older program made. */
const HELD_INDEX = [
  `recipient_held on recipient (number) where lane % ${PRIORITIES} = ${HELD}`,
  `recipient_overheld on recipient (due) where lane % ${PRIORITIES} = ${HELD}`,
]

/** The index, and how far it is complete; 0 where it was made just now. */
export interface OpenedIndex {
  readonly database: DatabaseSync
  readonly position: number
}

/** Throws a text that says why the index cannot be used. */
export class IndexUnusable extends Error {}

export function openIndex(path: string, journal: number): OpenedIndex {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path)
    // Before anything is written, or never. The file shrinks when its mail is gone; see `IndexWriter.shrink`.
    database.exec('pragma auto_vacuum = incremental')
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory;
       pragma cache_size = -${CACHE_KIB}; pragma journal_size_limit = ${IDLE_WAL_OCTETS}`,
    )
    const version = Number(database.prepare('pragma user_version').get()?.['user_version'])
    if (version === 0) create(database, journal)
    else if (version !== INDEX_VERSION) throw new IndexUnusable(`it has version ${version}`)
    const state = database.prepare('select journal, position from journal').get()
    if (state?.['journal'] !== journal) throw new IndexUnusable('it is of another journal')
    for (const index of HELD_INDEX) database.exec(`create index if not exists ${index}`)
    return { database, position: Number(state['position']) }
  } catch (thrown) {
    database?.close()
    throw thrown instanceof IndexUnusable ? thrown : new IndexUnusable(messageOf(thrown))
  }
}

function create(database: DatabaseSync, journal: number): void {
  database.exec('begin immediate')
  database.exec(SCHEMA)
  database.prepare('insert into journal values (1, ?, 0)').run(journal)
  database.exec(`pragma user_version = ${INDEX_VERSION}; commit`)
}
