// SPDX-License-Identifier: Apache-2.0
/**
 * The frame of every record in a segment: 32 octets of header, the payload, zeros up to the next multiple of 8.
 *
 *    0 magic   4 version  5 kind  6 flags   8 payload length   12 payload CRC
 *   16 LSN (64 bits)     24 zero           28 header CRC of octets 0–27
 *
 * Numbers are little-endian. The header's CRC covers the payload's CRC and starts from the journal's salt, so content
 * that looks like a record is none: its sender cannot know the salt. A damaged record costs itself, never its neighbours.
 */
import { crc32 } from 'node:zlib'
import { type Lsn, lsn } from '../../events/ids.ts'

/** Starts each header; no text contains it (0xd5 0x8a is no UTF-8). */
export const RECORD_MAGIC: Buffer = Buffer.from([0xd5, 0x8a, 0x50, 0x48])
export const RECORD_HEADER_OCTETS = 32
export const RECORD_ALIGNMENT = 8

const RECORD_VERSION = 1
const CRC_AT = 28

/** What a record is. Numbers are on disk for ever. */
export const recordKinds = {
  /** Taken back before anybody relied on it. */
  void: 0,
  mail: 1,
  /** Mail copied forward out of a mostly dead segment, with its recipients' states. */
  moved: 2,
  /** Changes no recipient's state. */
  event: 16,
  received: 17,
  outcome: 18,
} as const

export type RecordKind = keyof typeof recordKinds

const kindNames: ReadonlyMap<number, RecordKind> = new Map<number, RecordKind>(
  Object.entries(recordKinds).map(([name, number]) => [number, name as RecordKind]),
)

export interface RecordHeader {
  /** `null`: a kind of a later version, to be passed over. */
  readonly kind: RecordKind | null
  readonly flags: number
  readonly lsn: Lsn
  readonly payloadOctets: number
  readonly payloadCrc: number
}

/** Octets that a record takes in its segment. */
export function recordOctets(payloadOctets: number): number {
  const end = RECORD_HEADER_OCTETS + payloadOctets
  return end + ((RECORD_ALIGNMENT - (end % RECORD_ALIGNMENT)) % RECORD_ALIGNMENT)
}

/** Closes the record at `start` of `buffer`, whose payload is there already. Returns where the next one starts. */
export function sealRecord(
  buffer: Buffer,
  start: number,
  header: Pick<RecordHeader, 'flags' | 'lsn' | 'payloadOctets'> & { readonly kind: RecordKind },
  salt: number,
): number {
  const payloadAt = start + RECORD_HEADER_OCTETS
  const payloadEnd = payloadAt + header.payloadOctets
  RECORD_MAGIC.copy(buffer, start)
  buffer[start + 4] = RECORD_VERSION
  buffer[start + 5] = recordKinds[header.kind]
  buffer.writeUInt16LE(header.flags, start + 6)
  buffer.writeUInt32LE(header.payloadOctets, start + 8)
  buffer.writeUInt32LE(crc32(buffer.subarray(payloadAt, payloadEnd)), start + 12)
  writeUInt64(buffer, header.lsn, start + 16)
  buffer.writeUInt32LE(0, start + 24)
  buffer.writeUInt32LE(crc32(buffer.subarray(start, start + CRC_AT), salt), start + CRC_AT)
  const end = start + recordOctets(header.payloadOctets)
  buffer.fill(0, payloadEnd, end)
  return end
}

/** The header at `start`, or `null` where there is none or it is damaged. */
export function readRecordHeader(buffer: Buffer, start: number, salt: number): RecordHeader | null {
  if (start + RECORD_HEADER_OCTETS > buffer.length) return null
  if (buffer.readUInt32LE(start) !== RECORD_MAGIC.readUInt32LE(0)) return null
  const crc = crc32(buffer.subarray(start, start + CRC_AT), salt)
  if (buffer.readUInt32LE(start + CRC_AT) !== crc) return null
  return {
    kind: kindNames.get(buffer[start + 5] ?? 0) ?? null,
    flags: buffer.readUInt16LE(start + 6),
    payloadOctets: buffer.readUInt32LE(start + 8),
    payloadCrc: buffer.readUInt32LE(start + 12),
    lsn: lsn(readUInt64(buffer, start + 16)),
  }
}

/** Whether the payload is what was written. */
export function isIntact(header: RecordHeader, payload: Uint8Array): boolean {
  return payload.byteLength === header.payloadOctets && crc32(payload) === header.payloadCrc
}

/** Numbers here stay below 2^53; two halves cost less than a BigInt. */
export function writeUInt64(buffer: Buffer, value: number, at: number): void {
  buffer.writeUInt32LE(value % 2 ** 32, at)
  buffer.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4)
}

export function readUInt64(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at) + buffer.readUInt32LE(at + 4) * 2 ** 32
}
