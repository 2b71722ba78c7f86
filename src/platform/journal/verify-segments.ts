// SPDX-License-Identifier: Apache-2.0
/**
 * Reads all segments of a family without changing them, and tells damage from a write that did not end. Behind the
 * last good record of the last segment only that is damage which the index knew to be synced; recovery cuts both.
 */
import { join } from 'node:path'
import { CORRUPT_FOLDER, type DamagedOctets } from './corrupt.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import { RECORD_HEADER_OCTETS, type RecordHeader, readRecordHeader } from './record.ts'
import { type Damage, type ScannedRecord, scanRecords } from './record-scan.ts'
import {
  decodeSegmentHeader,
  type Family,
  parseSegmentName,
  SEGMENT_HEADER_OCTETS,
  type SegmentHeader,
} from './segment.ts'

export interface FoundSegment {
  readonly family: Family
  readonly first: number
  readonly name: string
  /** `null`: both copies are damaged. */
  readonly header: SegmentHeader | null
  readonly size: number
  /** How many octets count, where the next segment says so. */
  end: number | null
}

export interface DamagedPlace extends DamagedOctets {
  readonly name: string
  /** Of the record that lay there, where it can be read. */
  readonly header: RecordHeader | null
  /** Nothing good lies behind it in its segment: recovery cuts it or passes over it, and sets nothing aside. */
  readonly isTrailing: boolean
}

/** What a walk reads, and whom it tells. */
export interface SegmentWalk {
  readonly files: JournalFiles
  readonly folder: string
  readonly segments: readonly FoundSegment[]
  readonly salt: number
  /** The LSN that the index knows to be synced. */
  readonly position: number
  readonly onRecords: (
    family: Family,
    segment: FoundSegment,
    records: readonly ScannedRecord[],
  ) => void
  /** Damage that was not set aside before. */
  readonly onDamage: (place: DamagedPlace, file: JournalFile) => Promise<void>
  /** A write that did not end. */
  readonly onTorn: (segment: FoundSegment, octets: number) => void
}

/** In order of family and LSN. Throws `RLY_DATA_DIR_NEWER`. */
export async function findSegments(
  files: JournalFiles,
  folder: string,
): Promise<readonly FoundSegment[]> {
  const found: FoundSegment[] = []
  for (const name of await files.list(folder)) {
    const parsed = parseSegmentName(name)
    if (parsed === null) continue
    const file = await files.open(join(folder, name), 'read')
    try {
      const octets = Buffer.alloc(SEGMENT_HEADER_OCTETS)
      await file.read(octets, 0)
      const header = decodeSegmentHeader(octets)
      const { family, firstLsn: first } = parsed
      const before = found.at(-1)
      if (before?.family === family && before.first === header?.previous.firstLsn)
        before.end = header.previous.end
      found.push({ family, first, name, header, size: await file.size(), end: null })
    } finally {
      await file.close()
    }
  }
  return found
}

/** One salt for the whole journal; `null` where no header says it. */
export function saltIn(segments: readonly FoundSegment[]): number | null {
  for (const { header } of segments) if (header !== null) return header.salt
  return null
}

/** Reads one family from its first record to its last. */
export async function walkFamily(walk: SegmentWalk, family: Family): Promise<void> {
  const known = new Set(await walk.files.list(join(walk.folder, CORRUPT_FOLDER)))
  const segments = walk.segments.filter((one) => one.family === family)
  for (const segment of segments) {
    const file = await walk.files.open(join(walk.folder, segment.name), 'read')
    try {
      await walkSegment(walk, { segment, file, known, isLast: segment === segments.at(-1) })
    } finally {
      await file.close()
    }
  }
}

interface OneSegment {
  readonly segment: FoundSegment
  readonly file: JournalFile
  /** Names in `corrupt/`. */
  readonly known: ReadonlySet<string>
  readonly isLast: boolean
}

async function walkSegment(walk: SegmentWalk, one: OneSegment): Promise<void> {
  let end = SEGMENT_HEADER_OCTETS
  let pending: Damage[] = []
  const { size } = one.segment
  const to = Math.min(one.segment.end ?? size, size)
  for await (const window of scanRecords(one.file, { salt: walk.salt, to })) {
    pending.push(...window.damaged)
    end = window.end
    for (const damage of pending) if (damage.from < end) await tell(walk, one, damage, false)
    pending = pending.filter((damage) => damage.from >= end)
    walk.onRecords(one.segment.family, one.segment, window.records)
  }
  const looked = pending.at(-1)?.to ?? end
  if (to > looked) pending.push({ from: looked, to, why: 'it is cut short' })
  for (const damage of pending) await tell(walk, one, damage, true)
  if (size > to) walk.onTorn(one.segment, size - to)
}

async function tell(walk: SegmentWalk, one: OneSegment, damage: Damage, isTrailing: boolean) {
  const { segment, file, known } = one
  const { family, first, name } = segment
  if (known.has(`${name}-${damage.from}.txt`)) return
  const octets = Buffer.alloc(RECORD_HEADER_OCTETS)
  await file.read(octets, damage.from)
  const header = readRecordHeader(octets, 0, walk.salt)
  const isCut = isTrailing && one.isLast
  if (isCut && (header === null || header.lsn > walk.position))
    walk.onTorn(segment, damage.to - damage.from)
  else
    await walk.onDamage(
      { ...damage, family, segment: first, name, header, isTrailing, isCut },
      file,
    )
}
