// SPDX-License-Identifier: Apache-2.0
/**
 * Requests of each key within a minute, of all processes of a relay: control lends them to workers, a part of what is left at a time,
 * and takes what it answers itself. Minutes are those of the machine's monotonic clock, the same for all. A tenth is not lent:
 * each worker has its share of that without asking, so that mail comes in while control is away.
 *
 * A ledger that has just begun does not know what the one before it has lent, and lends from the next minute on.
 */
import type { Clock } from '../../base/clock.ts'
import { httpLimits } from '../../base/limits/http-limits.ts'
import { type RateState, type RequestRates, rateState, WINDOW_S } from './rate-windows.ts'

const WINDOW_MS = WINDOW_S * 1_000
/** What a worker has for itself, of an equal share of the limit. */
const OWN_SHARE = 0.1
/** A worker gets so much of its share of what is left at once. */
const LOAN = 0.25

export interface Loan {
  /** `false`: it does not know yet what others have. */
  readonly isLending: boolean
  readonly granted: number
  /** That may still be lent. */
  readonly left: number
}

export class RequestLedger implements RequestRates {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #limit: number
  readonly #workers: number
  readonly #firstWindow: number
  #window = 0
  /** Of this minute, by key. */
  #lent = new Map<string, number>()

  /** `limit`: requests a minute. */
  constructor(clock: Pick<Clock, 'monotonic'>, limit: number, workers: number) {
    this.#clock = clock
    this.#limit = limit
    this.#workers = workers
    this.#firstWindow = windowAt(clock.monotonic()) + 1
  }

  /** For a worker, in the minute that it asks for. */
  lend(key: string, window: number): Loan {
    this.#turn()
    if (window < this.#firstWindow) return { isLending: false, granted: 0, left: 0 }
    const left = window === this.#window ? this.#left(key) : 0
    const granted = Math.min(left, Math.ceil((left / this.#workers) * LOAN))
    this.#count(key, granted)
    return { isLending: true, granted, left: left - granted }
  }

  /** For what control answers itself. */
  take(key: string): RateState {
    this.#turn()
    const left = this.#left(key)
    const isOver = left === 0
    if (!isOver) this.#count(key, 1)
    const leftMs = (this.#window + 1) * WINDOW_MS - this.#clock.monotonic()
    return rateState(isOver, this.#limit, Math.max(0, left - 1), leftMs)
  }

  #turn(): void {
    const window = windowAt(this.#clock.monotonic())
    if (window === this.#window) return
    this.#window = window
    this.#lent = new Map()
  }

  #left(key: string): number {
    const own = ownRequests(this.#limit, this.#workers) * this.#workers
    return this.#limit - own - (this.#lent.get(key) ?? 0)
  }

  /** The oldest of very many is forgotten. */
  #count(key: string, requests: number): void {
    this.#lent.set(key, (this.#lent.get(key) ?? 0) + requests)
    if (this.#lent.size <= httpLimits.rateWindows) return
    const oldest = this.#lent.keys().next()
    if (!oldest.done) this.#lent.delete(oldest.value)
  }
}

export function windowAt(monotonic: number): number {
  return Math.floor(monotonic / WINDOW_MS)
}

/** That each worker has in a minute without asking. */
export function ownRequests(limit: number, workers: number): number {
  return Math.floor((limit / workers) * OWN_SHARE)
}
