// SPDX-License-Identifier: Apache-2.0
/**
 * Events as JSON lines for whoever collects logs: on standard output, or in files that rotate. Where it was is kept beside the
 * journals, so that nothing is left out when the process is away; what was written in its last second may come again.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { type DurationMs, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { persevere } from '../../base/persevere.ts'
import { type Cursor, formatCursor, parseCursor } from '../../events/cursor.ts'
import type { EventBatch, EventFeed, FeedStart } from '../../spool/event-feed.ts'

/** Takes whole lines; resolves when it wants more. */
export interface LineSink {
  write(lines: string): Promise<void>
}

export interface EventLinesOptions {
  readonly feed: EventFeed
  readonly sink: LineSink
  /** Where the position is kept. */
  readonly positionFile: string
  readonly clock: Clock
  readonly log: Log
}

const SAVE_EVERY: DurationMs = seconds(1)
const TRY_AGAIN: DurationMs = seconds(10)
const READER = 'lines'

export class EventLines {
  readonly #options: EventLinesOptions
  #savedAt = Number.NEGATIVE_INFINITY

  constructor(options: EventLinesOptions) {
    this.#options = options
  }

  /** Until `signal` aborts. The first time it begins with what happens from then on. */
  follow(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    return persevere(async () => this.#write(await this.#start(), signal), signal, {
      clock,
      pause: TRY_AGAIN,
      failed: (thrown) =>
        log.error(
          { error: messageOf(thrown) },
          'events cannot be written as lines; it is tried again',
        ),
    })
  }

  async #write(start: FeedStart, signal: AbortSignal): Promise<void> {
    const { feed, sink, clock } = this.#options
    let cursor: Cursor | null = null
    try {
      for await (const batch of feed.read(start, signal, READER)) {
        if (batch.events.length > 0) await sink.write(linesOf(batch))
        cursor = batch.cursor
        if (clock.monotonic() - this.#savedAt >= SAVE_EVERY) await this.#save(cursor)
      }
    } finally {
      if (cursor !== null) await this.#save(cursor)
    }
  }

  async #start(): Promise<FeedStart> {
    try {
      return parseCursor((await readFile(this.#options.positionFile, 'utf8')).trim())
    } catch (thrown) {
      // The first time there is none.
      if (systemCode(thrown) === 'ENOENT' || thrown instanceof RelayError) return 'now'
      throw thrown
    }
  }

  async #save(cursor: Cursor): Promise<void> {
    const { positionFile, clock } = this.#options
    this.#savedAt = clock.monotonic()
    await writeFile(`${positionFile}.new`, `${formatCursor(cursor)}\n`)
    await rename(`${positionFile}.new`, positionFile)
  }
}

function linesOf({ events }: EventBatch): string {
  return events.map(({ event }) => `${JSON.stringify(event)}\n`).join('')
}
