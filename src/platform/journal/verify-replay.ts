// SPDX-License-Identifier: Apache-2.0
/**
 * What the index should say, made anew from all segments in a temporary file; and a copy of what it does say, brought
 * to the end of the journal as the next start would. Both lie on the disk: memory does not grow with recipients.
 */

import { join } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { messageOf } from '../../base/errors.ts'
import type { JournalId } from '../../events/ids.ts'
import { brokenBy, copySqlite } from '../sqlite/checked-copy.ts'
import { IndexReader } from './index-reader.ts'
import { openIndex } from './index-schema.ts'
import { IndexWriter } from './index-writer.ts'
import type { KeepFailed } from './keep-failed.ts'
import { readFacts } from './mail-record.ts'
import type { ScannedRecord } from './record-scan.ts'
import { Replay } from './replay.ts'
import type { Family } from './segment.ts'

/** Where each intact mail record lies, beside the tables of the index. */
const PLACES = `
  create table place (
    segment integer not null, offset integer not null, mail integer not null, message text not null,
    size integer not null, primary key (segment, offset)) strict, without rowid;
  create index place_mail on place (mail);
`

/** An index that records are applied to. */
export interface ReplayedIndex {
  readonly database: DatabaseSync
  readonly path: string
  readonly position: number
  readonly apply: (family: Family, segment: number, records: readonly ScannedRecord[]) => void
}

export interface ReplaySource {
  /** Of the journal. */
  readonly folder: string
  readonly journal: JournalId
  readonly keepFailed: KeepFailed
  /** Of this look: nothing is in it, and it is deleted afterwards. */
  readonly scratch: string
}

/** Made anew, with the places of all mail. */
export function expectedIndex(source: ReplaySource): ReplayedIndex {
  const expected = opened(source, join(source.scratch, 'expected.sqlite'))
  expected.database.exec(PLACES)
  const place = expected.database.prepare('insert or ignore into place values (?, ?, ?, ?, ?)')
  const apply: ReplayedIndex['apply'] = (family, segment, records) => {
    expected.apply(family, segment, records)
    if (family === 'mail') notePlaces(expected.database, place, segment, records)
  }
  return { ...expected, apply }
}

/** The copy, `null` where there is none, or why it cannot be used. */
export function foundIndex(source: ReplaySource): ReplayedIndex | string | null {
  const path = join(source.scratch, 'found.sqlite')
  if (!copySqlite(join(source.folder, 'index.sqlite'), path)) return null
  const broken = brokenBy(path)
  if (broken !== null) return broken
  try {
    return opened(source, path)
  } catch (thrown) {
    // `IndexUnusable`, which says why.
    return messageOf(thrown)
  }
}

function opened(source: ReplaySource, path: string): ReplayedIndex {
  const { database, position } = openIndex(path, source.journal)
  // What is sorted and grouped goes to the disk; what is lost with the machine is made again.
  database.exec('pragma temp_store = file; pragma synchronous = off')
  const writer = new IndexWriter(database, new IndexReader(database))
  const fold = new Replay(writer, source.journal, source.keepFailed)
  return {
    database,
    path,
    position,
    apply(family, segment, records) {
      writer.transaction(position, () => {
        for (const record of records)
          if (record.lsn <= position) continue
          else if (family === 'mail') applyMail(fold, record, segment)
          else if (record.kind === 'outcome') fold.outcome(record)
      })
    },
  }
}

function applyMail(fold: Replay, record: ScannedRecord, segment: number): void {
  if (record.kind === 'mail' || record.kind === 'moved') fold.mail(record, segment)
}

function notePlaces(
  database: DatabaseSync,
  place: StatementSync,
  segment: number,
  records: readonly ScannedRecord[],
): void {
  database.exec('begin')
  for (const record of records) {
    const facts = record.kind === 'void' ? null : readFacts(record.payload)
    if (facts === null) continue
    const { id, size } = facts.message
    place.run(segment, record.offset, facts.moved?.lsn ?? record.lsn, id, size)
  }
  database.exec('commit')
}
