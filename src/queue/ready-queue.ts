// SPDX-License-Identifier: Apache-2.0
/**
 * Due mail for one (pool, site): a bounded window over the index, from which egress paths pull. Its lanes are the
 * priorities of streams: lane 0 goes first, within a lane what came first. It has no state but its window.
 *
 * Full means: the scheduled queue that feeds it leaves the rest in the index. Each scheduled queue has
 * a share of its own, so that a receipt finds room while a campaign fills the rest.
 */
import { type DurationMs, type Instant, ms } from '../base/brand.ts'
import { queueLimits } from '../base/limits.ts'
import { Ring } from '../base/ring.ts'
import type { SiteName } from '../protocol/mx.ts'
import type { WaitingRecipient } from '../spool/message.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { Demand } from './shaping/rates.ts'

const LANES = 10

/** A recipient in the window, with the queue it came from and when it came. */
export interface ReadyRecipient {
  readonly waiting: WaitingRecipient
  readonly queue: QueueName
  /** Monotonic milliseconds. */
  readonly readySince: number
}

/** What one transaction carries: recipients of one message. */
export type Batch = readonly [ReadyRecipient, ...ReadyRecipient[]]

export class ReadyQueue {
  readonly pool: string
  readonly site: SiteName
  /** By priority; made when the first recipient comes, since most sites of very many have mail of one priority. */
  readonly #lanes: (Ring<ReadyRecipient> | undefined)[] = []
  readonly #sizeByQueue = new Map<QueueName, number>()
  #size = 0

  constructor(pool: string, site: SiteName) {
    this.pool = pool
    this.site = site
  }

  get size(): number {
    return this.#size
  }

  /** What waits here, for who lends connections and rates. `now`: monotonic. */
  demand(now: DurationMs): Demand {
    let highestClass = LANES - 1
    let oldest: number = now
    for (const [priority, lane] of this.#lanes.entries()) {
      const first = lane?.peek()
      if (first === undefined) continue
      highestClass = Math.min(highestClass, priority)
      oldest = Math.min(oldest, first.readySince)
    }
    const oldestAge = ms(now - oldest)
    return { waiting: this.#size, highestClass, weightedDepth: this.#size, oldestAge }
  }

  sizeOf(queue: QueueName): number {
    return this.#sizeByQueue.get(queue) ?? 0
  }

  /** Recipients of `queue` that the window still has room for. */
  roomFor(queue: QueueName): number {
    const feeders = Math.max(1, this.#sizeByQueue.size + (this.#sizeByQueue.has(queue) ? 0 : 1))
    const share = Math.max(
      queueLimits.windowShareLeast,
      Math.floor(queueLimits.windowHigh / feeders),
    )
    return Math.max(0, share - this.sizeOf(queue))
  }

  push(recipient: ReadyRecipient): void {
    this.#lane(recipient).push(recipient)
    this.#count(recipient.queue, 1)
  }

  /** Back to the head of its lane: taken, but not tried. */
  putBack(batch: readonly ReadyRecipient[]): void {
    for (const recipient of [...batch].reverse()) {
      this.#lane(recipient).unshift(recipient)
      this.#count(recipient.queue, 1)
    }
  }

  /** The next transaction: one recipient, or several of one message where its stream allows that, at most `most`. */
  pull(most: number = queueLimits.recipientsPerTransaction): Batch | null {
    for (const lane of this.#lanes) {
      const first = lane?.shift()
      if (!lane || !first) continue
      this.#count(first.queue, -1)
      const batch: [ReadyRecipient, ...ReadyRecipient[]] = [first]
      if (first.waiting.message.mayShareTransaction) this.#join(batch, lane, most)
      return batch
    }
    return null
  }

  /** Takes out everything that `isWanted` names: a suspension, an expiry, a person's bounce. */
  remove(isWanted: (recipient: ReadyRecipient) => boolean): ReadyRecipient[] {
    const removed: ReadyRecipient[] = []
    if (this.#size === 0) return removed
    for (const lane of this.#lanes) {
      if (!lane) continue
      for (let left = lane.size; left > 0; left--) {
        const recipient = lane.shift()
        if (!recipient) break
        if (!isWanted(recipient)) lane.push(recipient)
        else {
          removed.push(recipient)
          this.#count(recipient.queue, -1)
        }
      }
    }
    if (this.#size === 0) this.#lanes.length = 0
    return removed
  }

  *[Symbol.iterator](): IterableIterator<ReadyRecipient> {
    for (const lane of this.#lanes) if (lane) yield* lane
  }

  /** Recipients of one message stand together, since they came together. */
  #join(
    batch: [ReadyRecipient, ...ReadyRecipient[]],
    lane: Ring<ReadyRecipient>,
    most: number,
  ): void {
    while (batch.length < most) {
      const next = lane.peek()
      if (next?.waiting.message.id !== batch[0].waiting.message.id) return
      batch.push(next)
      lane.shift()
      this.#count(next.queue, -1)
    }
  }

  #lane(recipient: ReadyRecipient): Ring<ReadyRecipient> {
    const priority = Math.min(LANES - 1, Math.max(0, recipient.waiting.message.priority))
    let lane = this.#lanes[priority]
    if (!lane) {
      lane = new Ring()
      this.#lanes[priority] = lane
    }
    return lane
  }

  #count(queue: QueueName, by: 1 | -1): void {
    this.#size += by
    const size = (this.#sizeByQueue.get(queue) ?? 0) + by
    if (size === 0) this.#sizeByQueue.delete(queue)
    else this.#sizeByQueue.set(queue, size)
  }
}

export function isExpired(recipient: ReadyRecipient, now: Instant): boolean {
  return recipient.waiting.message.expiresAt <= now
}
