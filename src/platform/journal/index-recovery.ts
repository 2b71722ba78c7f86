// SPDX-License-Identifier: Apache-2.0
/** Opens the index and brings it to the end of the journal; one that cannot be used is made anew from all that is kept. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, systemCode } from '../../base/errors.ts'
import { IndexDamaged, IndexGuard } from './index-guard.ts'
import { IndexReader } from './index-reader.ts'
import { IndexUnusable, type OpenedIndex, openIndex } from './index-schema.ts'
import { IndexWriter } from './index-writer.ts'
import { type Recovered, type RecoveryParts, replay } from './recovery.ts'

const INDEX_NAME = 'index.sqlite'

export interface RecoveredIndex {
  readonly reader: IndexReader
  readonly writer: IndexWriter
  readonly guard: IndexGuard
  readonly recovered: Recovered
  /** Recipients that it knows. */
  readonly rows: number
  /** Names of all content files that it knows. */
  readonly files: ReadonlySet<string>
  readonly close: () => void
}

/** The next start makes it anew. */
export function deleteIndex(folder: string): void {
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(join(folder, `${INDEX_NAME}${suffix}`), { force: true })
}

/** `end` is the journal's last LSN. */
export async function recoverIndex(parts: RecoveryParts, end: number): Promise<RecoveredIndex> {
  const path = join(parts.folder, INDEX_NAME)
  try {
    return await bringUp(parts, openIndex(path, parts.journal), end)
  } catch (thrown) {
    const isOfIndex = thrown instanceof IndexUnusable || thrown instanceof IndexDamaged
    if (!isOfIndex && systemCode(thrown) !== 'ERR_SQLITE_ERROR') throw thrown
    parts.log.warn({ why: messageOf(thrown) }, 'the index is made anew from the journal')
    deleteIndex(parts.folder)
    return bringUp(parts, openIndex(path, parts.journal), end)
  }
}

async function bringUp(
  parts: RecoveryParts,
  opened: OpenedIndex,
  end: number,
): Promise<RecoveredIndex> {
  const { database, position } = opened
  try {
    if (position > end)
      throw new IndexUnusable(`it is at ${position}, and the journal ends at ${end}`)
    const guard = new IndexGuard(database)
    const reader = new IndexReader(guard)
    const writer = new IndexWriter(guard, reader)
    const recovered = await replay(parts, writer, position)
    // Mail that is still to be announced is found again by a start after one that was killed before that.
    const announced = Math.min(end, ...[...recovered.unannounced.keys()].map((lsn) => lsn - 1))
    writer.transaction(announced, () => undefined)
    const files = new Set(reader.files())
    const rows = reader.rowCount()
    return { reader, writer, guard, recovered, rows, files, close: () => database.close() }
  } catch (thrown) {
    database.close()
    throw thrown
  }
}
