// SPDX-License-Identifier: Apache-2.0
/** Content files: those that somebody waits for are there and whole; what no record names is left over. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { CONTENT_FOLDER } from './draft.ts'
import type { JournalFiles } from './journal-files.ts'
import { RECIPIENTS_PER_LSN } from './row.ts'

export interface ContentFacts {
  /** That somebody waits for. */
  readonly needed: number
  /** Of messages that were never accepted. */
  readonly drafts: number
  /** That no record names any more. */
  readonly orphans: number
}

/** `expected` is the index made anew; `onProblem` is told the name of a file and what is wrong with it. */
export async function verifyContent(
  files: JournalFiles,
  folder: string,
  expected: DatabaseSync,
  onProblem: (name: string, what: string) => void,
): Promise<ContentFacts> {
  const content = join(folder, CONTENT_FOLDER)
  let needed = 0
  for (const { name, size } of neededFiles(expected)) {
    needed++
    const octets = statSync(join(content, name), { throwIfNoEntry: false })?.size
    if (octets === undefined) onProblem(name, 'is missing, and somebody waits for it')
    else if (octets !== size) onProblem(name, `has ${octets} octets instead of ${size}`)
  }
  const isNamed = expected.prepare('select 1 from file where name = ?')
  let drafts = 0
  let orphans = 0
  for (const name of await files.list(content))
    if (name.endsWith('.draft')) drafts++
    else if (!isNamed.get(name)) orphans++
  return { needed, drafts, orphans }
}

function* neededFiles(expected: DatabaseSync): Generator<{ name: string; size: number }> {
  const rows = expected.prepare(
    `select name, (select size from place where place.mail = file.mail) as size from file
     where exists (select 1 from recipient where number >= file.mail * ${RECIPIENTS_PER_LSN}
       and number < (file.mail + 1) * ${RECIPIENTS_PER_LSN})`,
  )
  for (const row of rows.iterate()) yield { name: String(row['name']), size: Number(row['size']) }
}
