// SPDX-License-Identifier: Apache-2.0
/** What an error of SQLite says about the index. */

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26

/** The disk has no room for what was to be written. */
export function isFull(thrown: unknown): boolean {
  return primaryCode(thrown) === SQLITE_FULL
}

/** The file is not what was written to it. */
export function isCorrupt(thrown: unknown): boolean {
  const code = primaryCode(thrown)
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}

function primaryCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return null
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : null
}
