// SPDX-License-Identifier: Apache-2.0
/**
 * Segment files: `mail-<first LSN>.seg` and `event-<first LSN>.seg`. Each begins with its header, twice, so that one
 * damaged octet does not cost a whole segment:
 *
 *    0 magic (8)   8 format version (16 bits)  10 family  12 journal id (16 bits)
 *   16 first LSN (64 bits)  24 made at (double)  32 salt
 *   40 first LSN and  48 end of the segment before it (64 bits each)  60 CRC of octets 0–59
 */
import { crc32 } from 'node:zlib'
import { type Instant, instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { type JournalId, journalId, type Lsn, lsn } from '../../events/ids.ts'
import { readUInt64, writeUInt64 } from './record.ts'

export const FORMAT_VERSION = 1
/** Both copies of the header. */
export const SEGMENT_HEADER_OCTETS = 128

const MAGIC = Buffer.from('PHJOURNL', 'latin1')
const COPY_OCTETS = 64
const CRC_AT = 60

export type Family = 'mail' | 'event'

const familyNumbers = { mail: 1, event: 2 } as const satisfies Record<Family, number>

export interface SegmentEnd {
  readonly firstLsn: Lsn
  readonly end: number
}

/** There is no segment before. */
export const noSegment: SegmentEnd = { firstLsn: lsn(0), end: 0 }

export interface SegmentHeader {
  readonly family: Family
  readonly journal: JournalId
  readonly firstLsn: Lsn
  readonly madeAt: Instant
  /** The same in all segments of a journal: where the CRC of each record's header starts from. */
  readonly salt: number
  /**
   * The family's segment before this one, and how many octets of it count: what a failing disk left behind them is cut
   * off. Zeros where there is none.
   */
  readonly previous: SegmentEnd
}

export function segmentName(family: Family, firstLsn: number): string {
  return `${family}-${String(firstLsn).padStart(16, '0')}.seg`
}

/** The name of a segment that is being made, until it is durable. */
export function unfinishedName(name: string): string {
  return `${name}.new`
}

export function isUnfinished(name: string): boolean {
  return name.endsWith('.seg.new')
}

/** `null` where the name is not a segment's. */
export function parseSegmentName(name: string): { family: Family; firstLsn: Lsn } | null {
  const match = /^(mail|event)-(\d{16})\.seg$/.exec(name)
  if (!match) return null
  return { family: match[1] === 'mail' ? 'mail' : 'event', firstLsn: lsn(Number(match[2])) }
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const copy = Buffer.alloc(COPY_OCTETS)
  MAGIC.copy(copy)
  copy.writeUInt16LE(FORMAT_VERSION, 8)
  copy[10] = familyNumbers[header.family]
  copy.writeUInt16LE(header.journal, 12)
  writeUInt64(copy, header.firstLsn, 16)
  copy.writeDoubleLE(header.madeAt, 24)
  copy.writeUInt32LE(header.salt, 32)
  writeUInt64(copy, header.previous.firstLsn, 40)
  writeUInt64(copy, header.previous.end, 48)
  copy.writeUInt32LE(crc32(copy.subarray(0, CRC_AT)), CRC_AT)
  return Buffer.concat([copy, copy])
}

/** `null` where both copies are damaged. Throws `RLY_DATA_DIR_NEWER` for a format that we cannot read. */
export function decodeSegmentHeader(octets: Buffer): SegmentHeader | null {
  return decodeCopy(octets.subarray(0, COPY_OCTETS)) ?? decodeCopy(octets.subarray(COPY_OCTETS))
}

function decodeCopy(copy: Buffer): SegmentHeader | null {
  if (copy.length < COPY_OCTETS || !copy.subarray(0, MAGIC.length).equals(MAGIC)) return null
  if (copy.readUInt32LE(CRC_AT) !== crc32(copy.subarray(0, CRC_AT))) return null
  const version = copy.readUInt16LE(8)
  if (version > FORMAT_VERSION) throw newer(version)
  return {
    family: copy[10] === familyNumbers.mail ? 'mail' : 'event',
    journal: journalId(copy.readUInt16LE(12)),
    firstLsn: lsn(readUInt64(copy, 16)),
    madeAt: instant(copy.readDoubleLE(24)),
    salt: copy.readUInt32LE(32),
    previous: { firstLsn: lsn(readUInt64(copy, 40)), end: readUInt64(copy, 48) },
  }
}

function newer(version: number): RelayError {
  return new RelayError(
    'RLY_DATA_DIR_NEWER',
    `the journal has format ${version}; this program reads up to ${FORMAT_VERSION}`,
  )
}
