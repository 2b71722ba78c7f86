// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the records of a segment in order, a window at a time, and gets past damage: after a bad header the next
 * magic with a good header is where reading goes on; a bad payload costs its record alone. What lies behind the last
 * good record is the *tail*: a write that did not end.
 */
import type { Lsn } from '../../events/ids.ts'
import type { JournalFile } from './journal-files.ts'
import {
  isIntact,
  RECORD_ALIGNMENT,
  RECORD_HEADER_OCTETS,
  RECORD_MAGIC,
  type RecordKind,
  readRecordHeader,
  recordOctets,
} from './record.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'

export interface ScannedRecord {
  readonly kind: RecordKind | null
  readonly flags: number
  readonly lsn: Lsn
  /** Of the record in its segment. */
  readonly offset: number
  /** Padding included. */
  readonly octets: number
  /** Valid until the next window. */
  readonly payload: Buffer
}

/** Octets that are no record: `from` up to `to` of the segment. */
export interface Damage {
  readonly from: number
  readonly to: number
  readonly why: string
}

export interface ScanWindow {
  readonly records: readonly ScannedRecord[]
  readonly damaged: readonly Damage[]
  /** The octets of `records`, for a quick search. */
  readonly octets: Buffer
  /** Just after the last good record so far. */
  readonly end: number
}

export interface ScanOptions {
  readonly salt: number
  /** Where to begin; by default behind the header. */
  readonly from?: number
  /** Where to stop; by default the size of the file. */
  readonly to?: number
  /** Octets of a window; one record may be larger. */
  readonly window?: number
}

const NO_HEADER = 'no record header'
const BAD_PAYLOAD = 'the payload does not match its CRC'
const WINDOW_OCTETS = 1_024 * 1_024

export async function* scanRecords(
  file: JournalFile,
  options: ScanOptions,
): AsyncGenerator<ScanWindow> {
  const size = options.to ?? (await file.size())
  let start = options.from ?? SEGMENT_HEADER_OCTETS
  let end = start
  const usual = options.window ?? WINDOW_OCTETS
  let wanted = usual
  while (start < size) {
    const octets = await readWindow(file, start, Math.min(wanted, size - start))
    const parsed = parseWindow(octets, start, options.salt, start + octets.length >= size)
    if (parsed.records.length > 0 || parsed.damaged.length > 0) {
      end = parsed.end ?? end
      yield { ...parsed, octets, end }
    }
    if (parsed.consumed === 0 && octets.length < wanted) return
    // A record larger than the window: look at it whole.
    wanted = parsed.consumed === 0 ? wanted * 2 : usual
    start += parsed.consumed
  }
}

async function readWindow(file: JournalFile, start: number, octets: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(octets)
  return buffer.subarray(0, await file.read(buffer, start))
}

interface Parsed {
  readonly records: ScannedRecord[]
  readonly damaged: Damage[]
  readonly end: number | null
  /** Octets that need not be looked at again. */
  readonly consumed: number
}

/** `isLast`: nothing follows, so that what is not whole is a tail and not half of something. */
function parseWindow(octets: Buffer, base: number, salt: number, isLast: boolean): Parsed {
  const records: ScannedRecord[] = []
  const damaged: Damage[] = []
  let at = 0
  let end: number | null = null
  while (at + RECORD_HEADER_OCTETS <= octets.length) {
    const header = readRecordHeader(octets, at, salt)
    if (header === null) {
      const next = findRecord(octets, at + RECORD_ALIGNMENT, salt)
      if (next === null) {
        const rest = alignDown(octets.length - RECORD_HEADER_OCTETS)
        if (isLast || rest === at) break
        damaged.push({ from: base + at, to: base + rest, why: NO_HEADER })
        at = rest
        break
      }
      damaged.push({ from: base + at, to: base + next, why: NO_HEADER })
      at = next
      continue
    }
    const total = recordOctets(header.payloadOctets)
    if (at + total > octets.length) break
    const payloadAt = at + RECORD_HEADER_OCTETS
    const payload = octets.subarray(payloadAt, payloadAt + header.payloadOctets)
    if (isIntact(header, payload)) {
      const { kind, flags, lsn } = header
      records.push({ kind, flags, lsn, offset: base + at, octets: total, payload })
      end = base + at + total
    } else damaged.push({ from: base + at, to: base + at + total, why: BAD_PAYLOAD })
    at += total
  }
  return { records, damaged, end, consumed: at }
}

/** Where the next good header is, at a multiple of 8; `null` where there is none. */
function findRecord(octets: Buffer, from: number, salt: number): number | null {
  for (
    let at = octets.indexOf(RECORD_MAGIC, from);
    at >= 0;
    at = octets.indexOf(RECORD_MAGIC, at + 1)
  )
    if (at % RECORD_ALIGNMENT === 0 && readRecordHeader(octets, at, salt) !== null) return at
  return null
}

function alignDown(octets: number): number {
  return octets - (octets % RECORD_ALIGNMENT)
}
