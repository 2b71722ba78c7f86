// SPDX-License-Identifier: Apache-2.0
/**
 * Where an index differs from what the journal says. Due times are not compared: `queue retry` changes them in the
 * index alone. A row may name an older copy of a message that was copied forward, as long as that copy is there.
 */
import type { DatabaseSync } from 'node:sqlite'
import { PRIORITIES, RECIPIENTS_PER_LSN } from './row.ts'
import type { ReplayedIndex } from './verify-replay.ts'

const MESSAGE = `(select message from place where mail = number / ${RECIPIENTS_PER_LSN})`
const INDEX = `(number % ${RECIPIENTS_PER_LSN})`

/** One sentence a line of each answer; `found` is the index that is looked at. */
const questions: readonly string[] = [
  // Every recipient that waits has a row.
  `select 'recipient ' || ${INDEX} || ' of message ' || ${MESSAGE} ||
     ' waits and has no row' as what
   from recipient where number not in (select number from found.recipient)`,
  // Nobody who is final has one.
  `select 'row ' || number || coalesce(', recipient ' || ${INDEX} || ' of message ' ||
     ${MESSAGE}, '') || ': nobody of that number waits' as what
   from found.recipient where number not in (select number from recipient)`,
  `select 'row ' || number || ' names the queue ' || coalesce(theirs.name, 'of no name') || ', not ' ||
     ours.name as what
   from recipient join queue ours on ours.id = recipient.lane / ${PRIORITIES}
   join found.recipient other using (number)
   left join found.queue theirs on theirs.id = other.lane / ${PRIORITIES}
   where theirs.name is not ours.name`,
  // The message is where the row says.
  `select 'row ' || number || ': the index has lost its message' as what from found.recipient
   where number / ${RECIPIENTS_PER_LSN} not in (select lsn from found.mail)`,
  `select 'mail record ' || lsn || ' is not at ' || offset || ' of mail segment ' || segment as what
   from found.mail as row where not exists (
     select 1 from place where place.segment = row.segment and place.offset = row.offset
     and place.mail = row.lsn)`,
  `select 'mail record ' || lsn || ' has a row, and nobody waits for it' as what from found.mail
   where not exists (select 1 from found.recipient where number >= lsn * ${RECIPIENTS_PER_LSN}
     and number < (lsn + 1) * ${RECIPIENTS_PER_LSN})`,
  // Counters that taking and cleaning up go by.
  `select 'queue ' || name || ' counts ' || waiting || ' rows and has ' || rows as what from (
     select name, waiting, (select count(*) from found.recipient
       where lane >= found.queue.id * ${PRIORITIES} and lane < (found.queue.id + 1) * ${PRIORITIES}) as rows
     from found.queue) where rows <> waiting`,
  `select 'mail segment ' || first || ' counts ' || recipients || ' recipients and has ' || rows as what from (
     select coalesce(counted.segment, kept.first) as first, coalesce(kept.recipients, 0) as recipients,
       coalesce(counted.rows, 0) as rows
     from (select segment, count(*) as rows
       from found.recipient join found.mail on lsn = number / ${RECIPIENTS_PER_LSN}
       group by segment) counted
     full join found.segment kept on kept.first = counted.segment) where rows <> recipients`,
  // Recovery deletes content that the index does not know.
  `select 'content ' || name || ' is not known, though somebody waits for it' as what from file
   where name not in (select name from found.file) and exists (
     select 1 from recipient where number >= mail * ${RECIPIENTS_PER_LSN}
     and number < (mail + 1) * ${RECIPIENTS_PER_LSN})`,
]

/** Each difference as a sentence. Throws what SQLite throws where `found` cannot be read after all. */
export function* differences(expected: DatabaseSync, found: ReplayedIndex): Generator<string> {
  found.database.close()
  expected.prepare('attach ? as found').run(found.path)
  for (const question of questions)
    for (const { what } of expected.prepare(question).iterate()) yield String(what)
}
