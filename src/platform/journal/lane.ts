// SPDX-License-Identifier: Apache-2.0
/**
 * The writing end of one family of segments: records are put into memory, written together, then synced. Writes are
 * positional from the last good offset, so that what a failed write left behind is written over.
 *
 *   append … append ──flush──▶ written ──sync──▶ synced
 *
 * Who decides when, and what a failure means, is `MailWriter` and `EventWriter`.
 */
import { join } from 'node:path'
import { between, type Instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf, systemCode } from '../../base/errors.ts'
import { invariant } from '../../base/invariant.ts'
import { spoolLimits } from '../../base/limits.ts'
import { type JournalId, type Lsn, lsn } from '../../events/ids.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import { RECORD_HEADER_OCTETS, type RecordKind, recordOctets, sealRecord } from './record.ts'
import { encodeSegmentHeader, type Family, SEGMENT_HEADER_OCTETS, segmentName } from './segment.ts'

export interface LaneOptions {
  readonly family: Family
  readonly folder: string
  readonly files: JournalFiles
  readonly clock: Clock
  readonly journal: JournalId
  readonly salt: number
  readonly segmentOctets: number
  /** Draws the next number of the sequence that both lanes share. */
  readonly nextLsn: () => Lsn
  readonly onSegment: (firstLsn: Lsn, madeAt: Instant) => void
}

/** The segment that is open for writing. */
export interface OpenSegment {
  readonly firstLsn: Lsn
  readonly file: JournalFile
  /** Where the next record goes. */
  readonly end: number
  readonly madeAt: Instant
}

/** In the place of an LSN: there is no such record. */
const NONE = Number.POSITIVE_INFINITY
const SMALLEST_STAGE_OCTETS = 64 * 1_024
/** A stage that grew beyond this for one large group is given back. */
const LARGEST_IDLE_STAGE_OCTETS = 4 * 1_024 * 1_024

/** Records in memory, in order. */
class Stage {
  buffer = Buffer.allocUnsafe(SMALLEST_STAGE_OCTETS)
  used = 0
  firstLsn = NONE
}

export class Lane {
  readonly #options: LaneOptions
  #segment: OpenSegment | null
  #filling = new Stage()
  /** Being written; kept after a failure until it is retried or discarded. */
  #writing = new Stage()
  #syncing: Promise<void> | null = null
  /** The first LSN that was written and is not in the hands of a sync, and the first that is. */
  #unsynced = NONE
  #beingSynced = NONE

  constructor(options: LaneOptions, segment: OpenSegment | null) {
    this.#options = options
    this.#segment = segment
  }

  get segment(): OpenSegment | null {
    return this.#segment
  }

  get stagedOctets(): number {
    return this.#filling.used + this.#writing.used
  }

  /** The first LSN that a power loss could take; infinite where all is synced. */
  get firstUnsynced(): number {
    return Math.min(
      this.#beingSynced,
      this.#unsynced,
      this.#writing.firstLsn,
      this.#filling.firstLsn,
    )
  }

  /** Room for a record with a payload of up to `payloadOctets`: where in `buffer` the payload goes. */
  reserve(payloadOctets: number): { readonly buffer: Buffer; readonly at: number } {
    const stage = this.#filling
    const needed = stage.used + recordOctets(payloadOctets)
    if (needed > stage.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, stage.buffer.length * 2))
      stage.buffer.copy(larger, 0, 0, stage.used)
      stage.buffer = larger
    }
    return { buffer: stage.buffer, at: stage.used + RECORD_HEADER_OCTETS }
  }

  /** Makes a record of the payload that was put where `reserve` said. */
  append(kind: RecordKind, flags: number, payloadOctets: number): Lsn {
    const stage = this.#filling
    const number = this.#options.nextLsn()
    stage.firstLsn = Math.min(stage.firstLsn, number)
    stage.used = sealRecord(
      stage.buffer,
      stage.used,
      { kind, flags, lsn: number, payloadOctets },
      this.#options.salt,
    )
    return number
  }

  /** Where in what `flush` writes next the next record will be. */
  get stagedOffset(): number {
    return this.#filling.used
  }

  /**
   * Writes what is staged, after what an earlier `flush` failed to write. Returns where the first staged record now
   * lies. One call at a time.
   */
  async flush(): Promise<{ readonly segment: Lsn; readonly offset: number }> {
    if (this.#writing.used === 0) this.#swap()
    const stage = this.#writing
    const segment = await this.#segmentFor(stage)
    await writeAll(segment.file, stage.buffer.subarray(0, stage.used), segment.end)
    this.#segment = { ...segment, end: segment.end + stage.used }
    this.#unsynced = Math.min(this.#unsynced, stage.firstLsn)
    clear(stage)
    return { segment: segment.firstLsn, offset: segment.end }
  }

  /** Forgets what `flush` failed to write, on the disk too. */
  async discard(): Promise<void> {
    clear(this.#writing)
    clear(this.#filling)
    if (this.#segment) await this.#segment.file.truncate(this.#segment.end)
  }

  /** Makes all that is written durable. One call at a time; may run beside `flush`. */
  async sync(): Promise<void> {
    invariant(this.#syncing === null, 'one sync of a lane at a time')
    if (this.#segment === null || this.#unsynced === NONE) return
    this.#beingSynced = this.#unsynced
    this.#unsynced = NONE
    this.#syncing = synced(this.#segment.file)
    try {
      await this.#syncing
    } finally {
      this.#syncing = null
    }
    this.#beingSynced = NONE
  }

  async close(): Promise<void> {
    await this.#segment?.file.close()
    this.#segment = null
  }

  #swap(): void {
    const written = this.#writing
    this.#writing = this.#filling
    this.#filling = written
  }

  /** The segment that takes the stage: the open one, or a new one where that is full or old. */
  async #segmentFor(stage: Stage): Promise<OpenSegment> {
    const current = this.#segment
    if (current !== null && this.#takes(current, stage.used)) return current
    if (current !== null) {
      await this.#syncing
      await synced(current.file)
      this.#unsynced = NONE
    }
    const opened = await this.#open(lsn(stage.firstLsn))
    this.#segment = opened
    // A sync that began meanwhile still holds the old file.
    await this.#syncing
    await current?.file.close()
    return opened
  }

  #takes(segment: OpenSegment, octets: number): boolean {
    if (segment.end === SEGMENT_HEADER_OCTETS) return true
    const age = between(segment.madeAt, this.#options.clock.now())
    return segment.end + octets <= this.#options.segmentOctets && age <= spoolLimits.segmentAgeMs
  }

  /** The name and the header are durable before a record relies on them. */
  async #open(firstLsn: Lsn): Promise<OpenSegment> {
    const { family, folder, files, clock, journal, salt } = this.#options
    const madeAt = clock.now()
    const path = join(folder, segmentName(family, firstLsn))
    const file = await openFresh(files, path)
    try {
      const header = encodeSegmentHeader({ family, journal, firstLsn, madeAt, salt })
      await writeAll(file, header, 0)
      await synced(file)
      await files.syncFolder(folder)
    } catch (thrown) {
      await file.close()
      throw thrown
    }
    this.#options.onSegment(firstLsn, madeAt)
    return { firstLsn, file, end: SEGMENT_HEADER_OCTETS, madeAt }
  }
}

/**
 * A sync that failed. It carries no system code: what the sync was for may be lost already, so that it is final
 * whatever the reason was, and no second try would bring it back.
 */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure'
}

async function synced(file: JournalFile): Promise<void> {
  try {
    await file.datasync()
  } catch (thrown) {
    throw new SyncFailure(messageOf(thrown), { cause: thrown })
  }
}

/** Writes every octet, however many short writes it takes. */
export async function writeAll(
  file: JournalFile,
  octets: Uint8Array,
  position: number,
): Promise<void> {
  let written = await file.write(octets, position)
  while (written < octets.byteLength)
    written += await file.write(octets.subarray(written), position + written)
}

/** A full disk may have left the name behind at an earlier try. */
async function openFresh(files: JournalFiles, path: string): Promise<JournalFile> {
  try {
    return await files.open(path, 'new')
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown
    await files.unlink(path)
    return files.open(path, 'new')
  }
}

function clear(stage: Stage): void {
  stage.used = 0
  stage.firstLsn = NONE
  if (stage.buffer.length > LARGEST_IDLE_STAGE_OCTETS)
    stage.buffer = Buffer.allocUnsafe(SMALLEST_STAGE_OCTETS)
}
