// SPDX-License-Identifier: Apache-2.0
/**
 * Events of one journal, a window of its segments at a time. Readers that are at the same place get the same objects: most
 * follow what happens now, and an event is read and parsed once for all of them.
 */
import type { Instant } from '../../base/brand.ts'
import type { Event } from '../../events/event.ts'
import { type JournalId, type Lsn, lsn } from '../../events/ids.ts'
import type { EventPlace, FedEvent } from '../../spool/event-feed.ts'
import { readEvent } from './event-record.ts'
import type { ForeignSegments } from './foreign-segments.ts'
import type { JournalFile } from './journal-files.ts'
import { type ScannedRecord, scanRecords } from './record-scan.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'

/** Where one reader is in one journal. */
export interface Progress {
  /** The last event that it has seen. */
  readonly lsn: Lsn
  /** The segment that it is in, and how far; `null`: it has to be found. */
  readonly at: { readonly segment: number; readonly offset: number } | null
}

export interface EventWindow {
  readonly events: readonly FedEvent[]
  readonly next: Progress
}

export class EventWindows {
  readonly #journal: JournalId
  readonly #segments: ForeignSegments
  /**
   * The last one, for other readers: at most a megabyte of records, or one that is larger. Those that are at the same place
   * ask for it one after the other; were more kept, most events would live long enough to be moved by the collector, twice.
   */
  #last: { readonly key: string; readonly window: Promise<EventWindow | null> } | null = null

  constructor(journal: JournalId, segments: ForeignSegments) {
    this.#journal = journal
    this.#segments = segments
  }

  /** The next events up to `end`; `null` where there are none. */
  async next(progress: Progress, end: Lsn): Promise<EventWindow | null> {
    let at = progress.at
    for (;;) {
      if (at === null) {
        await this.#segments.look()
        at = behindHeader(this.#segments.holding(progress.lsn))
        if (at === null) return null
      }
      const window = await this.#window(at, end)
      if (window !== null) return since(progress.lsn, window)
      // What is synced was written before this look: all segments up to `end` are seen.
      await this.#segments.look()
      at = behindHeader(this.#segments.after(at.segment))
      if (at === null || at.segment > end) return null
    }
  }

  /** Just before the segment in which what happened at `at` begins; segments are in order of time. */
  async before(at: Instant): Promise<Lsn> {
    await this.#segments.look()
    for (const segment of this.#segments.newestFirst()) {
      const first = await this.#firstEvent(segment)
      if (first !== null && Date.parse(first.at) < at) return lsn(segment - 1)
    }
    return lsn(0)
  }

  #firstEvent(segment: number): Promise<Event | null> {
    return this.#segments.read(segment, async (file, salt) => {
      for await (const { records } of scanRecords(file, { salt, window: ONE_EVENT }))
        for (const record of records) {
          const event = eventOf(record, this.#journal)
          if (event !== null) return event
        }
      return null
    })
  }

  async event({ segment, offset, lsn: number }: EventPlace): Promise<Event | null> {
    return this.#segments.read(segment, async (file, salt) => {
      for await (const { records } of scanRecords(file, { salt, from: offset, window: ONE_EVENT }))
        return records[0]?.lsn === number ? eventOf(records[0], this.#journal) : null
      return null
    })
  }

  #window(at: NonNullable<Progress['at']>, end: Lsn): Promise<EventWindow | null> {
    const key = `${at.segment} ${at.offset} ${end}`
    if (this.#last?.key === key) return this.#last.window
    const last = { key, window: this.#read(at, end) }
    this.#last = last
    // A disk that fails to read is tried again by whoever comes next.
    last.window.catch(() => {
      if (this.#last === last) this.#last = null
    })
    return last.window
  }

  #read(at: NonNullable<Progress['at']>, end: Lsn): Promise<EventWindow | null> {
    return this.#segments.read(at.segment, (file, salt) => this.#firstWindow(file, salt, at, end))
  }

  async #firstWindow(
    file: JournalFile,
    salt: number,
    { segment, offset }: NonNullable<Progress['at']>,
    end: Lsn,
  ): Promise<EventWindow | null> {
    for await (const window of scanRecords(file, { salt, from: offset })) {
      const synced = window.records.filter((record) => record.lsn <= end)
      const last = synced.at(-1)
      // Of a damaged stretch there is nothing to tell.
      if (last === undefined) continue
      const events = synced.flatMap((record): FedEvent[] => {
        const event = eventOf(record, this.#journal)
        if (event === null) return []
        return [{ journal: this.#journal, lsn: record.lsn, segment, offset: record.offset, event }]
      })
      const next = { lsn: last.lsn, at: { segment, offset: last.offset + last.octets } }
      return { events, next }
    }
    return null
  }
}

/** Of most events, some do with more. */
const ONE_EVENT = 4_096

function behindHeader(segment: number | null): Progress['at'] {
  return segment === null ? null : { segment, offset: SEGMENT_HEADER_OCTETS }
}

/** A segment that is entered anew has events that were seen. */
function since(seen: Lsn, window: EventWindow): EventWindow {
  const first = window.events[0]
  const next = { ...window.next, lsn: lsn(Math.max(seen, window.next.lsn)) }
  if (first === undefined || first.lsn > seen) return { events: window.events, next }
  return { events: window.events.filter((event) => event.lsn > seen), next }
}

function eventOf({ kind, payload, lsn: number }: ScannedRecord, journal: JournalId): Event | null {
  if (kind !== 'event' && kind !== 'received' && kind !== 'outcome') return null
  return readEvent(payload, journal, number)
}
