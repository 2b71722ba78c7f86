// SPDX-License-Identifier: Apache-2.0
/**
 * Finds how a message came in without reading all that happened since: its id says when that was, and events lie in the order
 * of time, so the place is found by halves. From there the octets are searched for the id, and only what has it is parsed: a
 * flood of reports costs a few reads each.
 *
 * First where it nearly always is, then in all that could be: events of one moment are written in some order, and between an id
 * and its event a session may take long.
 *
 * Known limits: of a wall clock that was set back meanwhile it knows nothing; such a message is not found.
 */
import type { ReceivedEvent } from '../../events/event.ts'
import { type JournalId, type MessageId, receivedAtOf } from '../../events/ids.ts'
import { readEffect, readEvent } from './event-record.ts'
import type { JournalFile } from './journal-files.ts'
import { Landmarks, nearOffset, type Searched } from './near-offset.ts'
import { CHUNK_OCTETS, RecentChunks, readChunk } from './recent-chunks.ts'
import { isIntact, RECORD_HEADER_OCTETS, RECORD_MAGIC, readRecordHeader } from './record.ts'
import { type ScannedRecord, scanRecords } from './record-scan.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'
import type { SegmentFiles } from './segment-files.ts'

/** Around the time of the id: where it is nearly always, and where it could be, in each case with all of that. */
const USUAL = { earlierMs: 0, laterMs: 5_000 }
const ANY = { earlierMs: 10_000, laterMs: 3 * 60 * 60_000 }
/** Of an id that anybody could make up: no stranger is worth hours of events. */
const LIKELY = { earlierMs: 1_000, laterMs: 10_000 }
/** Octets that are searched before it is asked where they may end. */
const EAGER_OCTETS = 4 * CHUNK_OCTETS
/** An id stands near the beginning of the record of its reception. */
const BEFORE_ID_OCTETS = 4 * 1_024
const RECORD_OCTETS = 8 * 1_024
const ALIGNMENT = 8

export interface Reception {
  readonly event: ReceivedEvent
  /** Of the record of the mail. */
  readonly mailLsn: number
}

export interface ReceptionParts {
  readonly segments: SegmentFiles
  readonly journal: JournalId
  readonly salt: number
}

type Around = typeof USUAL
type ReadChunk = (start: number) => Promise<Buffer>

export class ReceptionSearch {
  readonly #parts: ReceptionParts
  readonly #landmarks = new Landmarks()
  readonly #chunks = new RecentChunks()

  constructor(parts: ReceptionParts) {
    this.#parts = parts
  }

  /** `null`: nothing is kept of it, or nothing that is worth the search where it is not sure that there ever was one. */
  async find(id: MessageId, isSure: boolean): Promise<Reception | null> {
    return (await this.#findIn(id, USUAL)) ?? this.#findIn(id, isSure ? ANY : LIKELY)
  }

  async #findIn(id: MessageId, around: Around): Promise<Reception | null> {
    const { segments } = this.#parts
    const at = receivedAtOf(id)
    const all = segments.all('event')
    for (const [place, { first, madeAt }] of all.entries()) {
      if ((all[place + 1]?.madeAt ?? Number.POSITIVE_INFINITY) < at - around.earlierMs) continue
      if (madeAt > at + around.laterMs) return null
      const found = await segments.read('event', first, (file) =>
        this.#search(file, first, id, around),
      )
      if (found !== null) return found
    }
    return null
  }

  async #search(
    file: JournalFile,
    segment: number,
    id: MessageId,
    around: Around,
  ): Promise<Reception | null> {
    const { earlierMs, laterMs } = around
    const { journal, salt } = this.#parts
    const at = receivedAtOf(id)
    const numberOf: Searched['numberOf'] = ({ lsn, payload }) => {
      const event = readEvent(payload, journal, lsn)
      return event && Date.parse(event.at)
    }
    const marks = { of: this.#landmarks, segment }
    // What lies before a place that was seen was there then.
    const known = marks.of.behind(segment, at + USUAL.laterMs)
    const size = known === null || laterMs > USUAL.laterMs ? await file.size() : known
    const searched = { file, size, salt, numberOf }
    // What is not found in what was read before is looked for in the file.
    const read: ReadChunk =
      around === USUAL ? (from) => this.#chunks.read(file, from) : (from) => readChunk(file, from)
    const start = await nearOffset(searched, at - earlierMs, marks)
    let end = Math.min(searched.size, start + EAGER_OCTETS)
    const eager = await this.#within(searched, id, { from: start, end }, read)
    if (eager !== null || end === searched.size) return eager
    const begun = end - id.length
    // Somewhere before what is too late, so a little behind it.
    end = Math.min(
      searched.size,
      (await nearOffset(searched, at + laterMs, marks)) + 2 * CHUNK_OCTETS,
    )
    return this.#within(searched, id, { from: begun, end }, read)
  }

  /** Looks at the octets from `from` up to `end`. */
  async #within(
    searched: Searched,
    id: MessageId,
    { from, end }: { readonly from: number; readonly end: number },
    read: ReadChunk,
  ): Promise<Reception | null> {
    const needle = Buffer.from(id)
    // Every search has its chunks at the same places; they overlap, so that the id is whole in one.
    const step = CHUNK_OCTETS - needle.length
    for (let start = from - (from % step); start < end; start += step) {
      const octets = await read(start)
      for (let hit = octets.indexOf(needle); hit !== -1; hit = octets.indexOf(needle, hit + 1)) {
        const record = recordAround(octets, hit, searched.salt)
        const found =
          record === null
            ? await this.#recordAt(searched, id, start + hit)
            : this.#receptionIn(record, id)
        if (found !== null) return found
      }
    }
    return null
  }

  #receptionIn({ kind, lsn, payload }: FoundRecord, id: MessageId): Reception | null {
    if (kind !== 'received') return null
    const event = readEvent(payload, this.#parts.journal, lsn)
    if (event?.type !== 'message.received' || event.messageId !== id) return null
    return { event, mailLsn: readEffect(payload).mailLsn }
  }

  /** Of one that is not whole in what was read; `null`: what names it there is no reception of it. */
  async #recordAt(
    { file, salt, size }: Searched,
    id: MessageId,
    hit: number,
  ): Promise<Reception | null> {
    const earliest = Math.max(SEGMENT_HEADER_OCTETS, hit - BEFORE_ID_OCTETS)
    const from = earliest - (earliest % ALIGNMENT)
    const options = { salt, from, to: size, window: RECORD_OCTETS }
    for await (const { records } of scanRecords(file, options))
      for (const record of records)
        if (record.offset + record.octets > hit)
          return record.offset > hit ? null : this.#receptionIn(record, id)
    return null
  }
}

type FoundRecord = Pick<ScannedRecord, 'kind' | 'lsn' | 'payload'>

/** The whole record in `octets` that `hit` is in; `null`: it is not whole, or damaged. */
function recordAround(octets: Buffer, hit: number, salt: number): FoundRecord | null {
  const earliest = Math.max(0, hit - BEFORE_ID_OCTETS)
  for (
    let at = octets.lastIndexOf(RECORD_MAGIC, hit);
    at >= earliest;
    at = at === 0 ? -1 : octets.lastIndexOf(RECORD_MAGIC, at - 1)
  ) {
    const header = readRecordHeader(octets, at, salt)
    if (header === null) continue
    const payload = octets.subarray(at + RECORD_HEADER_OCTETS).subarray(0, header.payloadOctets)
    return isIntact(header, payload) ? { ...header, payload } : null
  }
  return null
}
