// SPDX-License-Identifier: Apache-2.0
/** The bounds of records that are many, beside `limits.ts`: what each counts, and what happens when it is full. */

const KIB = 1_024
const MIB = 1_024 * KIB

export const suppressionLimits = {
  /** In one request of the API. 400. */
  addTogether: 1_000,
  /** Entries in one statement. */
  writeTogether: 500,
  /** In one statement of a removal; others write in between. */
  removeTogether: 5_000,
  /** Hashes that are read at once when a filter is built, so that mail goes on in between. */
  readTogether: 5_000,
  /** The filter of one process; with more than 40 million entries the store is asked more often. */
  filterOctets: 64 * MIB,
  /** Entries that the smallest filter is for. */
  filterLeast: 10_000,
  /** Lines of one page of an export. 400. */
  exportTogether: 5_000,
  noteCharacters: 200,
  /** Of a List-Id, RFC 2919 §2. */
  listCharacters: 255,
  /** Of a line in CSV; a longer one is a bad line. */
  lineCharacters: 4_000,
  /** Bad lines of an import that are told one by one; the others are counted. */
  namedLines: 100,
  /** CSV in one request of an import, of which there may be many. 413. */
  partOctets: 1 * MIB,
} as const

/** A copy of all records into another database. */
export const copyLimits = {
  /** In one statement: a row has up to 30 columns, and PostgreSQL takes 65,535 values. */
  rowsTogether: 1_000,
} as const
