// SPDX-License-Identifier: Apache-2.0
/** Opens the index and brings it to the end of the journal; one that cannot be used is made anew from all that is kept. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, systemCode } from '../../base/errors.ts'
import { IndexReader } from './index-reader.ts'
import { IndexUnusable, type OpenedIndex, openIndex } from './index-schema.ts'
import { IndexWriter } from './index-writer.ts'
import { type Recovered, type RecoveryParts, replay } from './recovery.ts'

export interface RecoveredIndex {
  readonly reader: IndexReader
  readonly writer: IndexWriter
  readonly recovered: Recovered
  readonly close: () => void
}

/** `end` is the journal's last LSN, `lastMail` that of its last mail record. */
export async function recoverIndex(
  parts: RecoveryParts,
  end: number,
  lastMail: number,
): Promise<RecoveredIndex> {
  const path = join(parts.folder, 'index.sqlite')
  try {
    return await bringUp(parts, openIndex(path, parts.journal), end, lastMail)
  } catch (thrown) {
    if (!(thrown instanceof IndexUnusable) && systemCode(thrown) !== 'ERR_SQLITE_ERROR')
      throw thrown
    parts.log.warn({ why: messageOf(thrown) }, 'the index is made anew from the journal')
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
    return bringUp(parts, openIndex(path, parts.journal), end, lastMail)
  }
}

async function bringUp(
  parts: RecoveryParts,
  opened: OpenedIndex,
  end: number,
  lastMail: number,
): Promise<RecoveredIndex> {
  const { database, position } = opened
  try {
    if (position > end)
      throw new IndexUnusable(`it is at ${position}, and the journal ends at ${end}`)
    const reader = new IndexReader(database)
    const writer = new IndexWriter(database, reader)
    const recovered = await replay(parts, writer, position, lastMail)
    // Mail that is still to be announced is found again by a start after one that was killed before that.
    const announced = Math.min(end, ...[...recovered.unannounced.keys()].map((lsn) => lsn - 1))
    writer.transaction(announced, () => undefined)
    return { reader, writer, recovered, close: () => database.close() }
  } catch (thrown) {
    database.close()
    throw thrown
  }
}
