// SPDX-License-Identifier: Apache-2.0
/**
 * Events read back from their segments, by position. A reader costs the writer nothing but a call when something was
 * synced; it never sees what a power loss could take, so a cursor is never ahead of the journal.
 */
import type { DurationMs } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import type { Event } from '../../events/event.ts'
import { type JournalId, type MessageId, receivedAtOf } from '../../events/ids.ts'
import type { ReadEvent } from '../../spool/event-log.ts'
import { readEvent } from './event-record.ts'
import { type ScannedRecord, scanRecords } from './record-scan.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'
import type { SegmentFiles, SegmentInfo } from './segment-files.ts'

export interface EventReaderParts {
  readonly segments: SegmentFiles
  readonly journal: JournalId
  readonly salt: number
  /** The last LSN that is synced with all before it. */
  readonly syncedLsn: () => number
  readonly clock: Clock
  /** After everything was seen, the least time until the next look. */
  readonly pause: DurationMs
}

/** The wall clock may have been set back by this much between a segment's header and a message's id. */
const CLOCK_SLACK_MS = 60 * 60_000

/** How far one reader is. */
interface Progress {
  /** The last LSN that it has seen. */
  lsn: number
  /** First LSN of the segment that it is in, and how far it is there. */
  segment: number
  offset: number
}

export class EventReader {
  readonly #parts: EventReaderParts
  readonly #waiting = new Set<() => void>()

  constructor(parts: EventReaderParts) {
    this.#parts = parts
  }

  /** Something was synced, or it is all over: whoever waits looks again. */
  wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const look of waiting) look()
  }

  async *read(cursor: string | 'now' | null, signal: AbortSignal): AsyncGenerator<ReadEvent> {
    const progress = this.#start(cursor)
    const { journal } = this.#parts
    while (!signal.aborted) {
      const records = await this.#batch(progress)
      for (const record of records) {
        const event = readEvent(record.payload, journal, record.lsn)
        if (event) yield { cursor: formatCursor(journal, record.lsn), event }
        if (signal.aborted) return
      }
      if (records.length > 0 || progress.lsn < this.#parts.syncedLsn()) continue
      await this.#woken(signal)
      if (this.#parts.pause > 0) await this.#parts.clock.sleep(this.#parts.pause, signal)
    }
  }

  async trace(id: MessageId): Promise<readonly Event[]> {
    const { segments, journal } = this.#parts
    const needle = Buffer.from(id)
    const found: Event[] = []
    for (const { first } of segmentsSince(segments.all('event'), receivedAtOf(id) - CLOCK_SLACK_MS))
      await segments.read('event', first, async (file) => {
        for await (const window of scanRecords(file, this.#parts)) {
          if (window.octets.indexOf(needle) < 0) continue
          for (const { kind, payload, lsn } of window.records) {
            if (kind === 'void' || payload.indexOf(needle) < 0) continue
            const event = readEvent(payload, journal, lsn)
            if (event && 'messageId' in event && event.messageId === id) found.push(event)
          }
        }
      })
    return found
  }

  #start(cursor: string | 'now' | null): Progress {
    const { journal, syncedLsn, segments } = this.#parts
    const at = cursor === 'now' ? syncedLsn() : cursor === null ? 0 : parseCursor(cursor, journal)
    const all = segments.all('event')
    const segment = all.findLast(({ first }) => first <= at + 1) ?? all[0]
    return { lsn: at, segment: segment?.first ?? 0, offset: SEGMENT_HEADER_OCTETS }
  }

  /** The next records that are synced; none where the reader has to wait, or should ask again. */
  async #batch(progress: Progress): Promise<readonly ScannedRecord[]> {
    const { segments, salt, syncedLsn } = this.#parts
    const end = syncedLsn()
    if (end <= progress.lsn) return []
    const records = await segments.read('event', progress.segment, async (file) => {
      for await (const window of scanRecords(file, { salt, from: progress.offset }))
        return window.records.filter(({ lsn }) => lsn <= end)
      return []
    })
    const last = records?.at(-1)
    if (last) {
      progress.offset = last.offset + last.octets
      const fresh = records?.filter(({ lsn, kind }) => lsn > progress.lsn && kind !== 'void') ?? []
      progress.lsn = Math.max(progress.lsn, last.lsn)
      return fresh
    }
    const next = segments.after('event', progress.segment)
    if (next) Object.assign(progress, { segment: next.first, offset: SEGMENT_HEADER_OCTETS })
    // What is synced beyond the last event is mail.
    else progress.lsn = end
    return []
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.#waiting.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      this.#waiting.add(look)
      signal.addEventListener('abort', look, { once: true })
    })
  }
}

/** Segments that may have an event of `since` or later: each ends where the next one was made. */
function segmentsSince(all: readonly SegmentInfo[], since: number): readonly SegmentInfo[] {
  return all.filter((_, at) => (all[at + 1]?.madeAt ?? Number.POSITIVE_INFINITY) >= since)
}

const CURSOR_VERSION = 1

function formatCursor(journal: JournalId, lsn: number): string {
  return `${CURSOR_VERSION}:${journal}:${lsn}`
}

function parseCursor(cursor: string, journal: JournalId): number {
  const match = /^1:(\d{1,5}):(\d{1,16})$/.exec(cursor)
  if (!match || Number(match[1]) !== journal)
    throw new RelayError('RLY_USAGE', `"${cursor}" is no cursor of this event log`)
  return Number(match[2])
}
