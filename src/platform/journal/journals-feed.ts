// SPDX-License-Identifier: Apache-2.0
/**
 * All journals of a relay as one stream, read from their files by whoever may: the process that writes them, or another. How
 * far they may be read their owners say (`follow`); what nobody has spoken of is not read.
 *
 *   worker ──appends──▶ segments ◀──reads── windows ◀── each reader at its own place
 *      └──── "synced up to 4711" ─────────────▲
 */
import type { Instant } from '../../base/brand.ts'
import { ChangeNotice } from '../../base/change-notice.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import { type JournalId, type Lsn, lsn } from '../../events/ids.ts'
import type {
  EventBatch,
  EventFeed,
  EventPlace,
  FeedReader,
  FeedStart,
} from '../../spool/event-feed.ts'
import { EventWindows, type Progress } from './event-windows.ts'
import { ForeignSegments } from './foreign-segments.ts'
import { type JournalFiles, systemFiles } from './journal-files.ts'

interface KnownJournal {
  readonly windows: EventWindows
  /** What its owner said first, and last. */
  readonly first: Lsn
  synced: Lsn
}

export interface JournalsFeedOptions {
  readonly folderOf: (journal: JournalId) => string
  readonly files?: JournalFiles
}

/** One reader, and where it is in each journal. */
class Reader {
  readonly name: string | null
  readonly #start: FeedStart
  readonly #startedWith: ReadonlyMap<JournalId, Lsn>
  readonly #progress = new Map<JournalId, Progress>()
  /** Of each journal: up to here it has looked, and found nothing more. */
  readonly #looked = new Map<JournalId, Lsn>()

  constructor(
    name: string | null,
    start: FeedStart,
    journals: ReadonlyMap<JournalId, KnownJournal>,
  ) {
    this.name = name
    this.#start = start
    this.#startedWith = new Map([...journals].map(([id, { synced }]) => [id, synced]))
  }

  progressIn(id: JournalId, journal: KnownJournal): Progress {
    const known = this.#progress.get(id)
    if (known !== undefined) return known
    const start = this.#startIn(id, journal)
    // A cursor beyond the end is one of a journal that was there before this one.
    const progress = { lsn: start > journal.synced ? lsn(0) : start, at: null }
    this.#progress.set(id, progress)
    return progress
  }

  hasSeen(id: JournalId, synced: Lsn): boolean {
    return (this.#looked.get(id) ?? -1) >= synced
  }

  moved(id: JournalId, progress: Progress): void {
    this.#progress.set(id, progress)
  }

  /** There is nothing more up to `synced`. */
  looked(id: JournalId, synced: Lsn): void {
    this.#looked.set(id, synced)
  }

  get cursor(): Cursor {
    return new Map([...this.#progress].map(([id, { lsn: seen }]) => [id, seen]))
  }

  behind(journals: ReadonlyMap<JournalId, KnownJournal>): number {
    let behind = 0
    for (const [id, journal] of journals)
      if (!this.hasSeen(id, journal.synced))
        behind += journal.synced - this.progressIn(id, journal).lsn
    return behind
  }

  #startIn(id: JournalId, { first }: KnownJournal): Lsn {
    if (this.#start === 'oldest') return lsn(0)
    if (this.#start === 'now') return this.#startedWith.get(id) ?? first
    return this.#start.get(id) ?? lsn(0)
  }
}

export class JournalsFeed implements EventFeed {
  readonly #options: JournalsFeedOptions
  readonly #journals = new Map<JournalId, KnownJournal>()
  readonly #readers = new Set<Reader>()
  readonly #synced = new ChangeNotice()

  constructor(options: JournalsFeedOptions) {
    this.#options = options
  }

  /** Hears how far the journals are synced, until there is nothing more to hear. */
  async follow(positions: AsyncIterable<Cursor>): Promise<void> {
    for await (const position of positions) this.heard(position)
  }

  /** So far these journals are synced. */
  heard(positions: Cursor): void {
    for (const [id, synced] of positions) this.#learn(id, synced)
    this.#synced.announce()
  }

  async *read(start: FeedStart, signal: AbortSignal, name?: string): AsyncGenerator<EventBatch> {
    const reader = new Reader(name ?? null, start, this.#journals)
    this.#readers.add(reader)
    try {
      while (!signal.aborted) {
        let isNew = false
        for (const [id, journal] of this.#journals) {
          const batch = await this.#next(reader, id, journal)
          if (batch === null) continue
          isNew = true
          yield batch
          if (signal.aborted) return
        }
        if (!isNew && this.#hasSeenAll(reader)) await this.#synced.next(signal)
      }
    } finally {
      this.#readers.delete(reader)
    }
  }

  async positionAt(at: Instant, signal: AbortSignal): Promise<Cursor> {
    while (this.#journals.size === 0 && !signal.aborted) await this.#synced.next(signal)
    const positions = [...this.#journals].map(async ([id, journal]) => {
      // A segment may be there before its events are synced: from beyond the end nobody could go on.
      const before = await journal.windows.before(at)
      return [id, lsn(Math.min(before, journal.synced))] as const
    })
    return new Map(await Promise.all(positions))
  }

  at(places: readonly EventPlace[]): Promise<readonly (Event | null)[]> {
    return Promise.all(
      places.map(
        async (place) => (await this.#journals.get(place.journal)?.windows.event(place)) ?? null,
      ),
    )
  }

  readers(): readonly FeedReader[] {
    return [...this.#readers].flatMap((reader) =>
      reader.name === null ? [] : [{ name: reader.name, behind: reader.behind(this.#journals) }],
    )
  }

  async #next(reader: Reader, id: JournalId, journal: KnownJournal): Promise<EventBatch | null> {
    const { synced, windows } = journal
    if (reader.hasSeen(id, synced)) return null
    const progress = reader.progressIn(id, journal)
    const window = progress.lsn < synced ? await windows.next(progress, synced) : null
    if (window === null) {
      reader.looked(id, synced)
      return null
    }
    reader.moved(id, window.next)
    return { events: window.events, cursor: reader.cursor }
  }

  #hasSeenAll(reader: Reader): boolean {
    return [...this.#journals].every(([id, { synced }]) => reader.hasSeen(id, synced))
  }

  #learn(id: JournalId, synced: Lsn): void {
    const known = this.#journals.get(id)
    if (known !== undefined) known.synced = synced
    else {
      const { folderOf, files = systemFiles } = this.#options
      const windows = new EventWindows(id, new ForeignSegments(folderOf(id), files))
      this.#journals.set(id, { windows, first: synced, synced })
    }
  }
}
