// SPDX-License-Identifier: Apache-2.0
/**
 * A copy of a SQLite file, to be looked at: opening the file itself would change what lies beside it (`-wal`, `-shm`).
 *
 * Known limit: the copy is only whole where nobody writes to the file meanwhile.
 */
import { constants, copyFileSync, existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../../base/errors.ts'

/** `false` where there is no such file. What was committed and lies in its log comes along. */
export function copySqlite(file: string, target: string): boolean {
  if (!existsSync(file)) return false
  for (const suffix of ['', '-wal'])
    if (existsSync(`${file}${suffix}`))
      copyFileSync(`${file}${suffix}`, `${target}${suffix}`, constants.COPYFILE_FICLONE)
  return true
}

/** What `PRAGMA integrity_check` finds first, or why the file cannot be opened; `null` where it is whole. */
export function brokenBy(copy: string): string | null {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(copy)
    const found = String(database.prepare('pragma integrity_check(1)').get()?.['integrity_check'])
    return found === 'ok' ? null : found.replaceAll('\n', ' ')
  } catch (thrown) {
    // No database at all, or one that SQLite refuses to read.
    return messageOf(thrown)
  } finally {
    database?.close()
  }
}
