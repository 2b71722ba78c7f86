// SPDX-License-Identifier: Apache-2.0
/**
 * Where a reader of events is: of each journal the last record that it has seen. Opaque to everybody else; as text
 * `1:1.4711,2.90`, version, then journal and LSN.
 */
import { RelayError } from '../base/errors.ts'
import { type JournalId, journalId, type Lsn, lsn } from './ids.ts'

export type Cursor = ReadonlyMap<JournalId, Lsn>

const VERSION = '1'
const TEXT = /^1:(?:\d{1,5}\.\d{1,16}(?:,\d{1,5}\.\d{1,16})*)?$/

export function formatCursor(cursor: Cursor): string {
  const parts = [...cursor].sort(([one], [other]) => one - other)
  return `${VERSION}:${parts.map(([journal, number]) => `${journal}.${number}`).join(',')}`
}

/** Throws `RLY_USAGE`. */
export function parseCursor(text: string): Cursor {
  if (!TEXT.test(text))
    throw new RelayError('RLY_USAGE', `"${text.slice(0, 100)}" is no cursor of this event log`)
  const cursor = new Map<JournalId, Lsn>()
  for (const part of text.slice(VERSION.length + 1).split(',')) {
    const [journal = '', number = ''] = part.split('.')
    if (journal !== '') cursor.set(journalId(Number(journal)), lsn(Number(number)))
  }
  return cursor
}
