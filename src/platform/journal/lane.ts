// SPDX-License-Identifier: Apache-2.0
/**
 * The writing end of one family of segments: records are put into memory, written together, then synced. Writes are
 * positional from the last good offset, so that what a full disk cut short is written over.
 *
 *   append … append ──flush──▶ written ──sync──▶ synced
 *
 * After any other failure nobody knows what the disk has of the segment behind the last sync that worked: the kernel may
 * have dropped those pages and called them clean, and a second sync would say that all is well. So the lane is *broken*
 * and writes no more to that segment. `mend` makes a new one that begins with a copy of what was promised, and cuts the
 * old one behind its last sync.
 *
 * Who decides when, and what a failure means for mail, is `MailWriter` and `EventWriter`.
 */
import { between } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'
import { spoolLimits } from '../../base/limits/spool-limits.ts'
import type { Lsn } from '../../events/ids.ts'
import { isNoRoom, synced, writeAll } from './file-writes.ts'
import { makeSegment, type OpenSegment, type SegmentMaker } from './new-segment.ts'
import type { RecordKind } from './record.ts'
import { noSegment, SEGMENT_HEADER_OCTETS } from './segment.ts'
import { Stage } from './stage.ts'

export interface LaneOptions extends SegmentMaker {
  readonly segmentOctets: number
  /** Draws the next number of the sequence that both lanes share. */
  readonly nextLsn: () => Lsn
  /** Somebody relies on a record as soon as it is written: memory keeps it until it is synced. */
  readonly isPromisedWhenWritten: boolean
}

/** Records that were written together. */
interface Written {
  readonly firstLsn: Lsn
  readonly octets: Buffer
}

/** In the place of an LSN: there is no such record. */
const NONE = Number.POSITIVE_INFINITY

export class Lane {
  readonly #options: LaneOptions
  #segment: OpenSegment | null
  /** Of the segment: up to here a sync has worked. */
  #syncedEnd: number
  #filling = new Stage()
  /** Being written; kept after a failure until it is retried or discarded. */
  #writing = new Stage()
  #syncing: Promise<void> | null = null
  #lastLsn = 0
  /** The first LSN that was written and is not in the hands of a sync, and the first that is. */
  #unsynced = NONE
  #beingSynced = NONE
  /** Promised, and not synced. */
  #promised: readonly Written[] = []
  /** Why it is broken. */
  #failure: unknown = null

  constructor(options: LaneOptions, segment: OpenSegment | null) {
    this.#options = options
    this.#segment = segment
    this.#syncedEnd = segment?.end ?? 0
  }

  /** The last LSN on the disk that is known here, of a record or of a segment. */
  get lastLsn(): number {
    return this.#lastLsn
  }

  get isBroken(): boolean {
    return this.#failure !== null
  }

  get stagedOctets(): number {
    return this.#filling.used + this.#writing.used
  }

  /** Octets that memory keeps since they are promised and not synced. */
  get promisedOctets(): number {
    return this.#promised.reduce((sum, { octets }) => sum + octets.length, 0)
  }

  /** The first LSN that a power loss could take; infinite where all is synced. */
  get firstUnsynced(): number {
    return Math.min(
      this.#beingSynced,
      this.#unsynced,
      this.#writing.firstLsn ?? NONE,
      this.#filling.firstLsn ?? NONE,
    )
  }

  /** Room for a record with a payload of up to `payloadOctets`: where in `buffer` the payload goes. */
  reserve(payloadOctets: number): { readonly buffer: Buffer; readonly at: number } {
    return this.#filling.reserve(payloadOctets)
  }

  /** Makes a record of the payload that was put where `reserve` said. */
  append(kind: RecordKind, flags: number, payloadOctets: number): Lsn {
    const number = this.#options.nextLsn()
    this.#filling.seal({ kind, flags, lsn: number, payloadOctets }, this.#options.salt)
    return number
  }

  /** Where in what `flush` writes next the next record will be. */
  get stagedOffset(): number {
    return this.#filling.used
  }

  /**
   * Writes what is staged, after what an earlier `flush` failed to write. Returns where the first staged record now
   * lies. Breaks the lane where it fails for another reason than want of room. One call at a time.
   */
  async flush(): Promise<{ readonly segment: Lsn; readonly offset: number }> {
    invariant(!this.isBroken, 'a broken lane is mended first')
    if (this.#writing.used === 0) this.#swap()
    const stage = this.#writing
    try {
      const segment = await this.#segmentFor(stage)
      await writeAll(segment.file, stage.octets, segment.end)
      this.#segment = { ...segment, end: segment.end + stage.used }
      this.#unsynced = Math.min(this.#unsynced, stage.firstLsn ?? NONE)
      this.#lastLsn = stage.lastLsn ?? this.#lastLsn
      this.#promise(stage)
      stage.clear()
      return { segment: segment.firstLsn, offset: segment.end }
    } catch (thrown) {
      if (!isNoRoom(thrown)) this.#failure ??= thrown
      throw thrown
    }
  }

  /** Forgets what `flush` failed to write, on the disk too. */
  async discard(): Promise<void> {
    this.#writing.clear()
    this.#filling.clear()
    if (this.#segment) await this.#segment.file.truncate(this.#segment.end)
  }

  /** Forgets all that is not synced. The lane is broken: none of it may come back from the disk either. */
  abandon(why: unknown): void {
    this.#writing.clear()
    this.#filling.clear()
    this.#unsynced = NONE
    this.#beingSynced = NONE
    this.#failure ??= why
  }

  /** Makes a broken lane whole, or fails and may be called again. Never beside `flush`. */
  async mend(): Promise<void> {
    if (!this.isBroken) return
    await this.#idle()
    const broken = this.#segment
    const previous = broken ? { firstLsn: broken.firstLsn, end: this.#syncedEnd } : noSegment
    const firstLsn =
      this.#promised[0]?.firstLsn ??
      this.#writing.firstLsn ??
      this.#filling.firstLsn ??
      this.#options.nextLsn()
    const records = Buffer.concat(this.#promised.map(({ octets }) => octets))
    this.#enter(await makeSegment(this.#options, { firstLsn, previous, records }))
    this.#promised = []
    this.#unsynced = NONE
    // It failed before: what it says now is of no interest.
    await broken?.file.close().catch(() => undefined)
    // Where nothing of it was synced the new segment has taken its name.
    if (previous.firstLsn !== firstLsn)
      await this.#options.segments.cut(this.#options.family, previous)
    this.#failure = null
  }

  /** Makes all that is written durable, one call after the other; may run beside `flush`. Breaks the lane where it fails. */
  async sync(): Promise<void> {
    await this.#idle()
    if (this.isBroken) throw this.#failure
    const segment = this.#segment
    if (segment === null || this.#unsynced === NONE) return
    const last = this.#promised.at(-1)?.firstLsn ?? 0
    this.#beingSynced = this.#unsynced
    this.#unsynced = NONE
    this.#syncing = synced(segment.file)
    try {
      await this.#syncing
      this.#syncedEnd = segment.end
      this.#promised = this.#promised.filter(({ firstLsn }) => firstLsn > last)
    } catch (thrown) {
      this.#failure ??= thrown
      this.#unsynced = Math.min(this.#beingSynced, this.#unsynced)
      throw thrown
    } finally {
      this.#beingSynced = NONE
      this.#syncing = null
    }
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

  #promise({ firstLsn, octets }: Stage): void {
    if (firstLsn === null || !this.#options.isPromisedWhenWritten) return
    this.#promised = [...this.#promised, { firstLsn, octets: Buffer.from(octets) }]
  }

  /** When no sync runs, however the last one ended. */
  async #idle(): Promise<void> {
    while (this.#syncing !== null) await this.#syncing.catch(() => undefined)
  }

  /** The segment that takes the stage: the open one, or a new one where that is full or old. */
  async #segmentFor(stage: Stage): Promise<OpenSegment> {
    const current = this.#segment
    if (current !== null && this.#takes(current, stage.used)) return current
    // So the whole of it is synced, and no sync runs on it any more.
    await this.sync()
    const previous = current ? { firstLsn: current.firstLsn, end: current.end } : noSegment
    const firstLsn = stage.firstLsn ?? this.#options.nextLsn()
    const opened = await makeSegment(this.#options, {
      firstLsn,
      previous,
      records: Buffer.alloc(0),
    })
    this.#enter(opened)
    await current?.file.close()
    return opened
  }

  #enter(segment: OpenSegment): void {
    this.#lastLsn = Math.max(this.#lastLsn, segment.firstLsn)
    this.#segment = segment
    this.#syncedEnd = segment.end
  }

  #takes(segment: OpenSegment, octets: number): boolean {
    if (segment.end === SEGMENT_HEADER_OCTETS) return true
    const age = between(segment.madeAt, this.#options.clock.now())
    return segment.end + octets <= this.#options.segmentOctets && age <= spoolLimits.segmentAgeMs
  }
}
