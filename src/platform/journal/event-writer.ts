// SPDX-License-Identifier: Apache-2.0
/**
 * Writes events: what came while the last write ran is the next write. Outcomes are never refused for want of space or
 * because a disk fails: they wait, for the reserve, for room, for a disk that works, and whoever delivers waits with them.
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Event, Unwritten } from '../../events/event.ts'
import type { Lsn } from '../../events/ids.ts'
import { type Effect, stageEvent } from './event-record.ts'
import { isNoRoom } from './file-writes.ts'
import type { Lane } from './lane.ts'
import { full, type Space } from './space.ts'
import type { SyncPace } from './sync-pace.ts'
import { nextTurn, Turns } from './turns.ts'

export interface EventWriterOptions {
  readonly lane: Lane
  readonly space: Space
  readonly pace: SyncPace
  readonly clock: Clock
  /** The least time between two writes of which nobody waits for the sync. */
  readonly outcomeWriteMs: DurationMs
  readonly outcomeSyncMs: DurationMs
  /** Written and not synced; over it the next write waits for the sync. */
  readonly unsyncedOctets: number
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
  #wroteAt = Number.NEGATIVE_INFINITY
  /** A sync waits for the next write. */
  #isAwaited = false
  /** While more is gathered before the next write: ends that. */
  #hurry: (() => void) | null = null
  #timer: Timer | null = null
  /** The disk holds events back. */
  #isBlocked = false
  readonly #whenBlocked = new Set<() => void>()

  constructor(options: EventWriterOptions) {
    this.#options = options
  }

  /** The first LSN that is not synced. */
  get firstPending(): number {
    return this.#options.lane.firstUnsynced
  }

  /** Puts an event in line. Throws `RLY_SPOOL_FAILED` after the end. */
  append(kind: 'event' | 'received' | 'outcome', event: Unwritten<Event>, effect: Effect): Lsn {
    const { closed } = this.#options.space
    if (closed) throw closed
    const number = stageEvent(this.#options.lane, kind, event, effect)
    void this.#write()
    return number
  }

  /** When everything that was appended is written; a sync follows soon. */
  written(): Promise<void> {
    const { clock, outcomeSyncMs } = this.#options
    this.#timer ??= clock.after(outcomeSyncMs, () => {
      this.#timer = null
      void this.secured()
    })
    return this.#lastBatch()
  }

  /** Like `written`, but resolves also where the disk holds events back: they are in line. */
  inLine(): Promise<void> {
    const written = this.written()
    return this.#unlessBlocked(written).catch(() => undefined)
  }

  /** When everything that was appended is synced. Rejects where the disk holds events back. */
  synced(): Promise<void> {
    return this.#syncs.run()
  }

  /** Like `synced`, but a disk that holds events back is no reason to wait: mail is announced anew by recovery. */
  secured(): Promise<void> {
    return this.synced().catch(() => undefined)
  }

  /** When everything that was appended is synced, however long the disk holds it back. */
  async mend(): Promise<void> {
    await this.#write()
    await this.synced()
  }

  /** Writes and syncs what is in line; what the disk holds back is given up with `RLY_SPOOL_FULL`. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#timer?.cancel()
    await this.#lastBatch()
    await this.synced()
  }

  #lastBatch(): Promise<void> {
    return (this.#staged ?? this.#writing)?.promise ?? Promise.resolve()
  }

  /** Writes what is staged, with all that comes until then. */
  #write(): Promise<void> {
    this.#staged ??= newBatch()
    const { promise } = this.#staged
    if (!this.#isWriting) void this.#run()
    return promise
  }

  async #run(): Promise<void> {
    this.#isWriting = true
    await nextTurn()
    while (this.#staged !== null) {
      await this.#gather()
      const batch = this.#staged
      this.#writing = batch
      this.#staged = null
      try {
        await this.#flush()
        batch.resolve()
      } catch (thrown) {
        // The end came before there was room, or a disk that works.
        batch.reject(thrown)
      }
    }
    this.#writing = null
    this.#isWriting = false
  }

  /** Writes that follow each other at once become one; who waits for a sync does not wait for more to come. */
  async #gather(): Promise<void> {
    const { clock, outcomeWriteMs } = this.#options
    const left = this.#wroteAt + outcomeWriteMs - clock.monotonic()
    if (left > 0 && !this.#isAwaited) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = clock.after(ms(left), resolve)
      this.#hurry = resolve
      await promise
      this.#hurry = null
      timer.cancel()
    }
    this.#wroteAt = clock.monotonic()
  }

  async #flush(): Promise<void> {
    const { lane, space, clock, unsyncedOctets } = this.#options
    if (lane.promisedOctets > unsyncedOctets)
      await lane.sync().catch((thrown) => space.fail(thrown))
    for (;;) {
      const isLast = this.#closing.signal.aborted
      try {
        await lane.mend()
        if (lane.stagedOctets > 0) await lane.flush()
        this.#isBlocked = false
        return
      } catch (thrown) {
        if (!isNoRoom(thrown)) space.fail(thrown)
        else {
          space.noRoom()
          if (await space.releaseReserve()) continue
        }
        if (isLast) throw full('events could not be written before the end')
        this.#block()
        await clock.sleep(RETRY_AFTER, this.#closing.signal)
      }
    }
  }

  #block(): void {
    this.#isBlocked = true
    for (const giveUp of this.#whenBlocked) giveUp()
    this.#whenBlocked.clear()
  }

  async #sync(): Promise<void> {
    this.#isAwaited = true
    this.#hurry?.()
    await this.#unlessBlocked(this.#lastBatch()).finally(() => {
      this.#isAwaited = false
    })
    const { lane, space, pace, onSynced } = this.#options
    try {
      await pace.measure(() => lane.sync())
    } catch (thrown) {
      throw space.fail(thrown)
    }
    onSynced()
  }

  #unlessBlocked(batch: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(full('the disk holds events back'))
      if (this.#isBlocked) giveUp()
      this.#whenBlocked.add(giveUp)
      batch.then(resolve, reject).finally(() => this.#whenBlocked.delete(giveUp))
    })
  }
}

function newBatch(): Batch {
  const batch = Promise.withResolvers<void>()
  // A batch of which nobody waits for the end (its sync is waited for) is no unhandled rejection.
  batch.promise.catch(() => undefined)
  return batch
}
