// SPDX-License-Identifier: Apache-2.0
/** Sets aside octets of a segment that are no record: a copy in `corrupt/`, with a text that says what it was. */
import { join } from 'node:path'
import { writeAll } from './file-writes.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import type { Damage } from './record-scan.ts'
import { type Family, segmentName } from './segment.ts'

/** Of a journal: what was set aside. */
export const CORRUPT_FOLDER = 'corrupt'

const CHUNK_OCTETS = 1_024 * 1_024

export interface DamagedOctets extends Damage {
  readonly family: Family
  readonly segment: number
  /** They leave the segment: others will lie at the same place. */
  readonly isCut?: boolean
}

/** Returns one sentence for the log and the event, or `null` where this damage was set aside before. */
export async function setAside(
  files: JournalFiles,
  folder: string,
  damage: DamagedOctets,
  source: JournalFile,
): Promise<string | null> {
  const where = segmentName(damage.family, damage.segment)
  const name = `${where}-${damage.from}${damage.isCut ? '.cut' : ''}`
  const corrupt = join(folder, CORRUPT_FOLDER)
  if ((await files.list(corrupt)).includes(`${name}.txt`)) return null
  const octets = damage.to - damage.from
  const text = `${octets} octets at ${damage.from} of ${where} are damaged: ${damage.why}`
  await files.makeFolder(corrupt)
  await files.unlink(join(corrupt, name))
  const copy = await files.open(join(corrupt, name), 'new')
  try {
    for (let at = damage.from; at < damage.to; at += CHUNK_OCTETS) {
      const chunk = Buffer.alloc(Math.min(CHUNK_OCTETS, damage.to - at))
      const count = await source.read(chunk, at)
      if (count > 0) await writeAll(copy, chunk.subarray(0, count), at - damage.from)
    }
  } finally {
    await copy.close()
  }
  const note = await files.open(join(corrupt, `${name}.txt`), 'new')
  await writeAll(note, Buffer.from(`${text}\n`), 0)
  await note.close()
  return `${text}; a copy is in corrupt/${name}`
}
