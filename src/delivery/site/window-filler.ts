// SPDX-License-Identifier: Apache-2.0
/**
 * Fills a ready queue's window from the index: from those scheduled queues that have due recipients there, one
 * after the other, each up to its share.
 */
import { queueLimits } from '../../base/limits/limits.ts'
import type { ReadyQueue, ReadyRecipient } from '../../queue/ready-queue.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { Wanting } from '../delivery-budget.ts'
import type { DeliveryContext } from '../delivery-context.ts'

/** The site whose window it is. */
export interface FilledSite extends Wanting {
  readonly ready: ReadyQueue
  /** Recipients that it has use for now; 0 while it is being tried. */
  readonly appetite: number
  /** A recipient for the window. */
  admit(recipient: ReadyRecipient): void
  /** After each round: there may be work for connections. */
  employ(): void
}

/** A queue that feeds gets more when so little of it is left in the window. */
const SHARE_LOW = queueLimits.windowShareLeast / 4

interface Feed {
  /** Monotonic: then the queue's route is looked up anew, for its mail may have to go elsewhere. */
  readonly freshUntil: number
}

export class WindowFiller {
  readonly #context: DeliveryContext
  readonly #site: FilledSite
  /** Queues that may have due recipients in the index; each feed is told apart from the one before. */
  readonly #feeders = new Map<QueueName, Feed>()
  #isFilling = false
  /** Those that are to be filled from in the next round. */
  readonly #wanted = new Set<QueueName>()
  #isStopped = false

  constructor(context: DeliveryContext, site: FilledSite) {
    this.#context = context
    this.#site = site
  }

  /** Nothing is left to take, and nobody takes. */
  get isIdle(): boolean {
    return this.#feeders.size === 0 && !this.#isFilling
  }

  /** Whether `queue` has due recipients in the index: fresh ones go behind them. */
  has(queue: QueueName): boolean {
    return this.#feeders.has(queue)
  }

  /** `queue` has due recipients in the index. It gets its share of the window at once, however full that is. */
  feed(queue: QueueName, freshUntil: number): void {
    // Last in turn: a fill that is under way comes to it again, since it may have looked too early.
    this.#feeders.delete(queue)
    this.#feeders.set(queue, { freshUntil })
    this.#fill(queue)
  }

  /** These queues feed no more. */
  forget(isForgotten: (queue: QueueName) => boolean): readonly QueueName[] {
    const forgotten = [...this.#feeders.keys()].filter(isForgotten)
    for (const queue of forgotten) this.#feeders.delete(queue)
    return forgotten
  }

  /** After a transaction of `queue`: whose turn comes must find mail, however much of others is left. */
  fillWhereLow(queue: QueueName | null): void {
    if (this.#feeders.size === 0) return
    const { ready } = this.#site
    if (ready.size < queueLimits.windowLow) this.#fill(null)
    else if (queue !== null && this.#feeders.has(queue) && ready.sizeOf(queue) < SHARE_LOW)
      this.#fill(queue)
  }

  stop(): void {
    this.#isStopped = true
  }

  /** From one, or from all. Who asks meanwhile gets another round, for the window may have been looked at too early. */
  #fill(from: QueueName | null): void {
    if (from !== null) this.#wanted.add(from)
    else for (const queue of this.#feeders.keys()) this.#wanted.add(queue)
    if (this.#isFilling) return
    this.#isFilling = true
    this.#context.lifecycle.background('fill of a ready queue', async () => {
      try {
        while (this.#wanted.size > 0 && !this.#isStopped) {
          const round = [...this.#wanted]
          this.#wanted.clear()
          for (const queue of round) if (this.#feeders.has(queue)) await this.#fillFrom(queue)
          this.#site.employ()
        }
      } finally {
        this.#isFilling = false
      }
    })
  }

  async #fillFrom(queue: QueueName): Promise<void> {
    const { budget, clock, onWaiting, spool } = this.#context
    const room = Math.min(this.#site.ready.roomFor(queue), budget.room, this.#site.appetite)
    if (budget.room === 0) budget.awaitRoom(this.#site)
    if (room <= 0) return
    const feed = this.#feeders.get(queue)
    if (feed && feed.freshUntil <= clock.monotonic()) {
      this.#feeders.delete(queue)
      onWaiting(queue, clock.now())
      return
    }
    const { recipients, nextDueAt } = await spool.take(queue, clock.now(), room)
    if (!this.#feeders.has(queue)) {
      // Released or stopped meanwhile.
      spool.giveBack(recipients)
      onWaiting(queue, clock.now())
      return
    }
    const readySince = clock.monotonic()
    for (const waiting of recipients) this.#site.admit({ waiting, queue, readySince })
    const hasMore = recipients.length === room && nextDueAt !== null
    if (hasMore || this.#feeders.get(queue) !== feed) return
    this.#feeders.delete(queue)
    if (nextDueAt !== null) onWaiting(queue, nextDueAt)
  }
}
