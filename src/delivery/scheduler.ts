// SPDX-License-Identifier: Apache-2.0
/**
 * Wakes each scheduled queue when the first of its recipients is due. One timer for all; the wall clock decides,
 * since due times outlive the process, and a jump of it is noticed at the next look.
 */
import { type Instant, ms, seconds } from '../base/brand.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { DueHeap } from '../queue/due-heap.ts'
import type { QueueName } from '../spool/queue-name.ts'

/** Queues that are woken before others get their turn of the event loop: some milliseconds. */
const AT_ONCE = 1_000
/** A clock that was set forward is noticed within this. */
const LONGEST_SLEEP = seconds(10)

export class Scheduler {
  readonly #clock: Clock
  readonly #onDue: (queue: QueueName) => void
  readonly #heap = new DueHeap<QueueName>()
  #timer: Timer | null = null
  #wakesAt: number = Number.POSITIVE_INFINITY
  #isStopped = false

  constructor(clock: Clock, onDue: (queue: QueueName) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** Queues that wait for a time. */
  get size(): number {
    return this.#heap.size
  }

  dueAt(queue: QueueName): Instant | null {
    return this.#heap.dueAt(queue)
  }

  /** Somebody in `queue` is due at `at`; an earlier time that is known stays. */
  advance(queue: QueueName, at: Instant): void {
    this.#heap.advance(queue, at)
    this.#arm()
  }

  /** Nobody waits there any more. */
  forget(queue: QueueName): void {
    this.#heap.delete(queue)
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #arm(): void {
    const next = this.#heap.next()
    if (next === null || this.#isStopped || next >= this.#wakesAt) return
    this.#timer?.cancel()
    this.#wakesAt = next
    const sleep = Math.min(LONGEST_SLEEP, Math.max(0, next - this.#clock.now()))
    this.#timer = this.#clock.after(ms(sleep), () => this.#look())
  }

  #look(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    for (let left = AT_ONCE; left > 0; left--) {
      const queue = this.#heap.takeDue(now)
      if (queue === null) break
      this.#onDue(queue)
    }
    this.#arm()
  }
}
