// SPDX-License-Identifier: Apache-2.0
/** What waits: fresh mail as a number, deferred mail by the time at which it is due, in steps of five minutes. */
import { type DurationMs, type Instant, instant } from '../../src/base/brand.ts'
import type { Random } from '../../src/base/random.ts'
import { DueHeap } from '../../src/queue/due-heap.ts'
import { nextAttemptAt } from '../../src/queue/retry-schedule.ts'

const STEP_MS = 300_000
/** Four days of the schedule for bulk. */
const MOST_ATTEMPTS = 27

/** Messages that are tried together, as often as each other. */
export interface Lot {
  readonly count: number
  readonly attempts: number
}

type DueName = `${number} ${number}`

export class Backlog {
  readonly #waits: readonly DurationMs[]
  readonly #random: Random
  readonly #due = new DueHeap<DueName>()
  readonly #deferred = new Map<DueName, number>()
  /** Due, by attempts made. */
  readonly #retries = new Map<number, number>()
  #fresh = 0
  expired = 0

  constructor(waits: readonly DurationMs[], random: Random) {
    this.#waits = waits
    this.#random = random
  }

  offer(count: number): void {
    this.#fresh += count
  }

  defer({ attempts }: Lot, now: Instant, count: number): void {
    if (count === 0) return
    if (attempts + 1 >= MOST_ATTEMPTS) {
      this.expired += count
      return
    }
    const at = nextAttemptAt(this.#waits, attempts + 1, now, this.#random)
    const due = instant(Math.ceil(at / STEP_MS) * STEP_MS)
    const name: DueName = `${due} ${attempts + 1}`
    this.#deferred.set(name, (this.#deferred.get(name) ?? 0) + count)
    this.#due.advance(name, due)
  }

  /** What was taken, and is not tried now after all. */
  giveBack(lots: readonly Lot[]): void {
    for (const { attempts, count } of lots) {
      if (attempts === 0) this.#fresh += count
      else this.#retries.set(attempts, (this.#retries.get(attempts) ?? 0) + count)
    }
  }

  /** `most` messages, or as many as wait; what is due again first. */
  take(most: number, now: Instant): readonly Lot[] {
    for (let name = this.#due.takeDue(now); name !== null; name = this.#due.takeDue(now)) {
      const attempts = Number(name.split(' ')[1])
      const count = this.#deferred.get(name) ?? 0
      this.#deferred.delete(name)
      this.#retries.set(attempts, (this.#retries.get(attempts) ?? 0) + count)
    }
    const lots: Lot[] = []
    let left = most
    for (const [attempts, waiting] of this.#retries) {
      if (left === 0) return lots
      const count = Math.min(left, waiting)
      if (count === waiting) this.#retries.delete(attempts)
      else this.#retries.set(attempts, waiting - count)
      lots.push({ count, attempts })
      left -= count
    }
    const count = Math.min(left, Math.floor(this.#fresh))
    this.#fresh -= count
    if (count > 0) lots.push({ count, attempts: 0 })
    return lots
  }
}
