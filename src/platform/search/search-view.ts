// SPDX-License-Identifier: Apache-2.0
/**
 * The search view: reads the journals as they grow, and finds events in them. Its file is made anew where SQLite finds it
 * damaged; a disk that has no room, or fails, is tried again.
 */
import type { DatabaseSync } from 'node:sqlite'
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { persevere } from '../../base/persevere.ts'
import { eventMatcher } from '../../control/search/event-match.ts'
import type { EventFilter, FoundEvents, SearchPage } from '../../control/search/event-search.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import type { EventFacts } from '../../events/event-facts.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import { isCorrupt } from '../journal/sqlite-failure.ts'
import { firstKey, formatKey, parseKey } from './event-key.ts'
import { type PartLimits, Parts, usualParts } from './parts.ts'
import { deleteSearch, openSearch } from './search-file.ts'
import { SearchReader } from './search-reader.ts'
import { SearchWriter } from './search-writer.ts'
import { Words } from './words.ts'

export interface SearchViewOptions {
  /** Of SQLite. */
  readonly path: string
  readonly feed: EventFeed
  readonly clock: Clock
  readonly log: Log
  /** Events that are older are forgotten, a part at a time. */
  readonly keep: DurationMs
  readonly parts?: PartLimits
}

export const SEARCH_READER = 'search'

/** When all is seen, so long it waits for more, and longer while much happens: many events are written in one transaction. */
const PAUSE = ms(100)
const LONG_PAUSE = ms(500)
const MUCH = 100
const TRY_AGAIN = ms(10_000)
const SWEEP_EVERY = ms(60_000)
/** Rows of which the events are read at once, and steps for one page; then the page is what it is. */
const ROWS_AT_ONCE = 200
const MOST_STEPS = 10

interface Opened {
  readonly database: DatabaseSync
  readonly parts: Parts
  readonly reader: SearchReader
  readonly writer: SearchWriter
  cursor: Cursor
}

export class SearchView {
  readonly #options: SearchViewOptions
  #opened: Opened
  #sweptAt: number

  /** Throws where there can be no such file. */
  constructor(options: SearchViewOptions) {
    this.#options = options
    this.#opened = this.#open()
    this.#sweptAt = options.clock.monotonic()
  }

  /** Takes what happens, until `signal` aborts. */
  follow(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#options
    return persevere(() => this.#readOn(signal), signal, {
      clock,
      pause: TRY_AGAIN,
      // A file that is damaged is made anew; all else (no room, a disk that fails) may be over soon.
      failed: (thrown) => {
        if (this.#wasDamaged(thrown)) return
        log.error({ error: messageOf(thrown) }, 'the search view cannot go on; it tries again')
      },
    })
  }

  async find(filter: EventFilter, { order, limit, after }: SearchPage): Promise<FoundEvents> {
    const { feed } = this.#options
    const isAbout = eventMatcher(filter)
    const events: Event[] = []
    let key = after === null ? firstKey(order) : parseKey(after)
    try {
      for (let step = 0; step < MOST_STEPS; step++) {
        const { reader } = this.#opened
        const { rows, next } = reader.rows(filter, order, key, { limit: ROWS_AT_ONCE, step })
        const found = await feed.at(rows)
        for (const [at, row] of rows.entries()) {
          const event = found[at] ?? null
          if (event === null || !isAbout(event) || !this.#hasTag(event, filter)) continue
          events.push(event)
          const isLast = next === null && at === rows.length - 1
          if (events.length === limit) return { events, next: isLast ? null : formatKey(row) }
        }
        if (next === null) return { events, next: null }
        key = next
      }
    } catch (thrown) {
      this.#wasDamaged(thrown)
      throw thrown
    }
    return { events, next: formatKey(key) }
  }

  close(): void {
    this.#opened.database.close()
  }

  async #readOn(signal: AbortSignal): Promise<void> {
    const { feed, clock } = this.#options
    const opened = this.#opened
    for await (const { events, cursor } of feed.read(opened.cursor, signal, SEARCH_READER)) {
      opened.writer.take(events, cursor)
      opened.cursor = cursor
      this.#sweep()
      if (feed.readers().every(({ name, behind }) => name !== SEARCH_READER || behind === 0))
        await clock.sleep(events.length < MUCH ? PAUSE : LONG_PAUSE, signal)
    }
  }

  #sweep(): void {
    const { clock, keep } = this.#options
    if (clock.monotonic() - this.#sweptAt < SWEEP_EVERY) return
    this.#sweptAt = clock.monotonic()
    this.#opened.parts.dropBefore(clock.now() - keep)
  }

  #hasTag(event: Event, { tag }: EventFilter): boolean {
    if (tag === null) return true
    const { tags, messageId = null }: EventFacts = event
    if (tags !== undefined) return tags.includes(tag)
    return messageId !== null && this.#opened.reader.hasTag(messageId, tag)
  }

  #wasDamaged(thrown: unknown): boolean {
    if (!isCorrupt(thrown)) return false
    this.#options.log.error(
      { error: messageOf(thrown) },
      'the search view is damaged: it is made anew',
    )
    this.#opened.database.close()
    deleteSearch(this.#options.path)
    this.#opened = this.#open()
    return true
  }

  #open(): Opened {
    const { path, log, parts: limits = usualParts } = this.#options
    const { database, cursor, madeAnew } = openSearch(path)
    if (madeAnew !== null)
      log.warn({ why: madeAnew }, 'the search view is made anew from the journals')
    const parts = new Parts(database, limits)
    const words = new Words(database)
    return {
      database,
      parts,
      cursor,
      reader: new SearchReader(database, parts, words),
      writer: new SearchWriter(database, parts, words),
    }
  }
}
