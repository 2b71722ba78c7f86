// SPDX-License-Identifier: Apache-2.0
/** Makes a segment: it has its name when its header and first records are durable. */
import { join } from 'node:path'
import type { Instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { systemCode } from '../../base/errors.ts'
import type { JournalId, Lsn } from '../../events/ids.ts'
import { synced, writeAll } from './file-writes.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import {
  encodeSegmentHeader,
  type Family,
  SEGMENT_HEADER_OCTETS,
  type SegmentEnd,
  segmentName,
  unfinishedName,
} from './segment.ts'
import type { SegmentFiles } from './segment-files.ts'

export interface SegmentMaker {
  readonly family: Family
  readonly folder: string
  readonly files: JournalFiles
  readonly segments: SegmentFiles
  readonly clock: Clock
  readonly journal: JournalId
  readonly salt: number
}

/** The segment that is open for writing. */
export interface OpenSegment {
  readonly firstLsn: Lsn
  readonly file: JournalFile
  /** Where the next record goes. */
  readonly end: number
  readonly madeAt: Instant
}

export interface SegmentStart {
  readonly firstLsn: Lsn
  readonly previous: SegmentEnd
  readonly records: Buffer
}

export async function makeSegment(
  { family, folder, files, segments, clock, journal, salt }: SegmentMaker,
  { firstLsn, previous, records }: SegmentStart,
): Promise<OpenSegment> {
  const madeAt = clock.now()
  const path = join(folder, segmentName(family, firstLsn))
  const file = await openFresh(files, unfinishedName(path))
  try {
    const header = encodeSegmentHeader({ family, journal, firstLsn, madeAt, salt, previous })
    await writeAll(file, Buffer.concat([header, records]), 0)
    await synced(file)
    await files.rename(unfinishedName(path), path)
    await files.syncFolder(folder)
    await segments.added(family, { first: firstLsn, madeAt })
  } catch (thrown) {
    await file.close()
    throw thrown
  }
  const end = SEGMENT_HEADER_OCTETS + records.length
  return { firstLsn, file, end, madeAt }
}

/** An earlier try may have left the name behind. */
async function openFresh(files: JournalFiles, path: string): Promise<JournalFile> {
  try {
    return await files.open(path, 'new')
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown
    await files.unlink(path)
    return files.open(path, 'new')
  }
}
