// SPDX-License-Identifier: Apache-2.0
/**
 * What a view of events has counted and not yet written. What was read together counts together with where it ends, and both are written
 * in one transaction, one after the other: so neither a crash, nor a store that is away, nor a reader that begins anew loses or
 * repeats anything.
 *
 * Known limits: a store that has written and could not say so is taken for one that has not. One process reads; control is one.
 */
import { type DurationMs, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { persevere } from '../../base/persevere.ts'
import { type Cursor, formatCursor, parseCursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Store } from '../../records/store.ts'
import type { EventFeed } from '../../spool/event-feed.ts'

/** A store that cannot be written now is asked again. */
const TRY_AGAIN = seconds(5)

/** Later where something has to be looked up, which few events need. */
export type Counted<Count> = readonly Count[] | Promise<readonly Count[]>

export interface EventCounterParts<Count> {
  /** Its name among the readers, and in the records. */
  readonly view: string
  readonly feed: EventFeed
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly log: Log
  /** For the log: "warm-ups cannot be judged now". */
  readonly trouble: string
  /** What an event counts for. Asked in the order of events, one at a time. */
  readonly countsOf: (event: Event) => Counted<Count>
  /** It reads from where it last wrote: what it asked `countsOf` since comes again. */
  readonly onAnew: () => void
  /** From so many unwritten counts on it calls `onFull`, which writes, and reads on after that. */
  readonly most: number
  readonly onFull: () => Promise<void>
}

export class EventCounter<Count> {
  readonly #parts: EventCounterParts<Count>
  #counts: Count[] = []
  #cursor: Cursor | null = null
  #latest: number | null = null
  /** What reads or writes the records now. */
  #atWork: Promise<unknown> = Promise.resolve()

  constructor(parts: EventCounterParts<Count>) {
    this.#parts = parts
  }

  /** Nothing is to be written. */
  get isEmpty(): boolean {
    return this.#cursor === null && this.#counts.length === 0
  }

  /** When that happened which was read last, ms since 1970; `null`: nothing was. */
  get latest(): number | null {
    return this.#latest
  }

  /** Reads, and beside it waits and does `work`, again and again, until `signal` aborts; each goes on after a failure. */
  async follow(
    pause: (clock: Clock) => DurationMs,
    work: () => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const { log, records, trouble } = this.#parts
    const failed = (thrown: unknown) => log.warn({ error: messageOf(thrown) }, trouble)
    const options = { clock: records.clock, pause: TRY_AGAIN, failed }
    await Promise.all([
      persevere(() => this.#read(signal), signal, options),
      persevere(() => this.#often(pause, work, signal), signal, options),
    ])
  }

  async #often(
    pause: (clock: Clock) => DurationMs,
    work: () => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#parts.records
    while (!signal.aborted) {
      await clock.sleep(pause(clock), signal)
      if (!signal.aborted) await work()
    }
  }

  /** Of events that were read together; `cursor`: the position after them. */
  async hear(events: readonly Event[], cursor: Cursor | null): Promise<void> {
    const counts: Count[] = []
    for (const event of events) {
      const counted = this.#parts.countsOf(event)
      for (const count of counted instanceof Promise ? await counted : counted) counts.push(count)
    }
    // At once, for they may be written at any moment: all of them with where they end, or nothing of it.
    for (const count of counts) this.#counts.push(count)
    this.#cursor = cursor ?? this.#cursor
    const last = events.at(-1)
    if (last !== undefined) this.#latest = Date.parse(last.at)
  }

  /** `work` gets what was counted, in the transaction that also keeps how far was read. Where it fails, the next one gets that too. */
  write<T>(work: (store: Store, counts: readonly Count[]) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      const [counts, cursor] = [this.#counts, this.#cursor]
      this.#counts = []
      this.#cursor = null
      try {
        return await this.#parts.records.store.transaction(async (store) => {
          const result = await work(store, counts)
          if (cursor !== null) await store.views.put(this.#parts.view, formatCursor(cursor))
          return result
        })
      } catch (thrown) {
        this.#counts = [...counts, ...this.#counts]
        this.#cursor ??= cursor
        throw thrown
      }
    })
  }

  /** `work` gets what was counted and is in no record yet; neither is written meanwhile, so that the records and that are all of it once. */
  look<T>(work: (counts: readonly Count[]) => Promise<T>): Promise<T> {
    return this.#alone(() => work(this.#counts))
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { feed, most, onFull, view } = this.#parts
    const written = await this.#beginAnew()
    const start = written === null ? 'oldest' : parseCursor(written)
    for await (const { cursor, events } of feed.read(start, signal, view)) {
      await this.hear(
        events.map(({ event }) => event),
        cursor,
      )
      if (this.#counts.length >= most) await onFull()
    }
  }

  /** What was read and not written is read again; what is being written now is written first. */
  #beginAnew(): Promise<string | null> {
    return this.#alone(async () => {
      const { onAnew, records, view } = this.#parts
      this.#counts = []
      this.#cursor = null
      onAnew()
      return await records.store.views.cursor(view)
    })
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#atWork.then(work)
    this.#atWork = turn.catch(() => {
      // Whoever asked for it hears of it.
    })
    return turn
  }
}
