// SPDX-License-Identifier: Apache-2.0
/**
 * Writes events: what came while the last write ran is the next write. Outcomes are never refused for want of space:
 * they wait, first for the reserve, then for room, and whoever delivers waits with them.
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Event, Unwritten } from '../../events/event.ts'
import type { Lsn } from '../../events/ids.ts'
import { type Effect, stageEvent } from './event-record.ts'
import type { Lane } from './lane.ts'
import { full, isNoRoom, type Space } from './space.ts'
import { nextTurn, Turns } from './turns.ts'

export interface EventWriterOptions {
  readonly lane: Lane
  readonly space: Space
  readonly clock: Clock
  readonly outcomeSyncMs: DurationMs
  /** Called after each sync, for readers who wait. */
  readonly onSynced: () => void
}

/** What is staged together, and the promise that all who wait for it share. */
type Batch = PromiseWithResolvers<void>

const RETRY_AFTER = ms(250)

export class EventWriter {
  readonly #options: EventWriterOptions
  readonly #syncs = new Turns(() => this.#sync())
  readonly #closing = new AbortController()
  #staged: Batch | null = null
  #writing: Batch | null = null
  #isWriting = false
  #timer: Timer | null = null
  #isBlocked = false
  readonly #whenBlocked = new Set<() => void>()

  constructor(options: EventWriterOptions) {
    this.#options = options
  }

  /** The first LSN that is not synced. */
  get firstPending(): number {
    return this.#options.lane.firstUnsynced
  }

  /** Puts an event in line. Throws `RLY_SPOOL_FAILED`. */
  append(kind: 'event' | 'received' | 'outcome', event: Unwritten<Event>, effect: Effect): Lsn {
    const { failure } = this.#options.space
    if (failure) throw failure
    const number = stageEvent(this.#options.lane, kind, event, effect)
    this.#staged ??= newBatch()
    if (!this.#isWriting) void this.#run()
    return number
  }

  /** When everything that was appended is written; a sync follows soon. */
  written(): Promise<void> {
    const { space, clock, outcomeSyncMs } = this.#options
    if (space.failure) return Promise.reject(space.failure)
    this.#timer ??= clock.after(outcomeSyncMs, () => {
      this.#timer = null
      // Whoever waits for a failed sync hears of it; nobody waits for this one.
      this.synced().catch(() => undefined)
    })
    return this.#lastBatch()
  }

  /** When everything that was appended is synced. */
  synced(): Promise<void> {
    const { failure } = this.#options.space
    return failure ? Promise.reject(failure) : this.#syncs.run()
  }

  /** Like `synced`, but resolves also where a full disk holds events back. */
  secured(): Promise<void> {
    if (this.#isBlocked) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#whenBlocked.add(resolve)
      this.synced()
        .then(resolve, reject)
        .finally(() => this.#whenBlocked.delete(resolve))
    })
  }

  /** Writes and syncs what is in line; what a full disk holds back is given up with `RLY_SPOOL_FULL`. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#timer?.cancel()
    if (!this.#options.space.failure) await this.synced()
    await this.#syncs.idle()
  }

  #lastBatch(): Promise<void> {
    return (this.#staged ?? this.#writing)?.promise ?? Promise.resolve()
  }

  async #run(): Promise<void> {
    this.#isWriting = true
    await nextTurn()
    while (this.#staged !== null) {
      const batch = this.#staged
      this.#writing = batch
      this.#staged = null
      try {
        await this.#write()
        batch.resolve()
      } catch (thrown) {
        this.#fail(thrown, batch)
      }
    }
    this.#writing = null
    this.#isWriting = false
  }

  async #write(): Promise<void> {
    const { lane, space, clock } = this.#options
    for (;;) {
      const isLast = this.#closing.signal.aborted
      try {
        await lane.flush()
        this.#isBlocked = false
        return
      } catch (thrown) {
        if (!isNoRoom(thrown)) throw thrown
        space.noRoom()
        if (await space.releaseReserve()) continue
        if (isLast) throw full('events could not be written before the end')
        this.#block()
        await clock.sleep(RETRY_AFTER, this.#closing.signal)
      }
    }
  }

  #block(): void {
    this.#isBlocked = true
    for (const resolve of this.#whenBlocked) resolve()
    this.#whenBlocked.clear()
  }

  async #sync(): Promise<void> {
    await this.#lastBatch()
    try {
      await this.#options.lane.sync()
    } catch (thrown) {
      throw this.#options.space.fail(thrown)
    }
    this.#options.onSynced()
  }

  #fail(thrown: unknown, batch: Batch): void {
    const failure = this.#options.space.fail(thrown)
    batch.reject(failure)
    this.#staged?.reject(failure)
    this.#staged = null
  }
}

function newBatch(): Batch {
  const batch = Promise.withResolvers<void>()
  // A batch of which nobody waits for the end (its sync is waited for) is no unhandled rejection.
  batch.promise.catch(() => undefined)
  return batch
}
