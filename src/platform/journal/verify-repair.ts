// SPDX-License-Identifier: Apache-2.0
/**
 * Repairs a journal by what recovery does at every start: it is opened without its index, so that all segments are
 * read, damage is set aside and the index made anew. Before that, damage that recovery would only cut is set aside too.
 */
import { join } from 'node:path'
import { CORRUPT_FOLDER, setAside } from './corrupt.ts'
import { deleteIndex } from './index-recovery.ts'
import { type JournalFile, systemFiles } from './journal-files.ts'
import type { JournalOptions } from './journal-parts.ts'
import { openJournal } from './open-journal.ts'
import { own } from './owner.ts'
import {
  type DamagedPlace,
  type FoundSegment,
  findSegments,
  saltIn,
  walkFamily,
} from './verify-segments.ts'

/**
 * Says what was done, a sentence each; nothing, where no header tells how to read the segments: opening would throw
 * their records away. `position` is what the index knew to be synced, `null` where it is not known. Throws
 * `RLY_DATA_DIR_IN_USE`, `RLY_DATA_DIR_NEWER`.
 */
export async function repairJournal(
  options: JournalOptions,
  position: number | null,
): Promise<readonly string[]> {
  const { folder, clock } = options
  const corrupt = join(folder, CORRUPT_FOLDER)
  const before = new Set(await systemFiles.list(corrupt))
  {
    using _owner = own(folder, clock)
    const segments = await findSegments(systemFiles, folder)
    const salt = saltIn(segments)
    if (salt === null && segments.some(({ header }) => header === null))
      return ['nothing: the headers of all segments are damaged']
    if (salt !== null) await setTailsAside(folder, segments, salt, position)
    deleteIndex(folder)
  }
  const journal = await openJournal(options)
  await journal[Symbol.asyncDispose]()
  const added = (await systemFiles.list(corrupt)).filter((name) => !before.has(name))
  return [
    ...added
      .filter((name) => !name.endsWith('.txt'))
      .map((name) => `damaged octets were set aside in corrupt/${name}`),
    'the index was made anew from the segments',
  ]
}

async function setTailsAside(
  folder: string,
  segments: readonly FoundSegment[],
  salt: number,
  position: number | null,
): Promise<void> {
  const walk = {
    ...{ files: systemFiles, folder, segments, salt },
    position: position ?? Number.POSITIVE_INFINITY,
    onRecords: () => undefined,
    onDamage: async (place: DamagedPlace, file: JournalFile) => {
      if (place.isTrailing) await setAside(systemFiles, folder, place, file)
    },
    onTorn: () => undefined,
  }
  await walkFamily(walk, 'mail')
  await walkFamily(walk, 'event')
}
