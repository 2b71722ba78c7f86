// SPDX-License-Identifier: Apache-2.0
/**
 * Requests of each key within a minute, and what a client is told of it: the fields of draft-ietf-httpapi-ratelimit-headers
 * (`RateLimit-Policy`, `RateLimit`) in every answer. Keys are counted where they are good, networks as they come: the oldest of very
 * many are forgotten.
 */
import { ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { httpLimits } from '../../base/limits/http-limits.ts'

export const WINDOW_S = 60

export interface RateState {
  readonly isOver: boolean
  /** Until it may go on. */
  readonly resetSeconds: number
  readonly headers: Readonly<Record<string, string>>
}

/** Where requests of keys come from; of several processes some have to ask. */
export interface RequestRates {
  /** Counts one, where it may go on. */
  take(key: string): RateState | Promise<RateState>
}

/** Of a process that is alone. */
export class RateWindows implements RequestRates {
  readonly #clock: Clock
  readonly #limit: number
  readonly #windows = new Map<string, { endsAt: number; used: number }>()

  /** `limit`: requests a minute. */
  constructor(clock: Clock, limit: number) {
    this.#clock = clock
    this.#limit = limit
  }

  take(key: string): RateState {
    const now = this.#clock.monotonic()
    let window = this.#windows.get(key)
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + ms(WINDOW_S * 1_000), used: 0 }
      this.#windows.delete(key)
      this.#windows.set(key, window)
      this.#forgetOldest()
    }
    const isOver = window.used >= this.#limit
    if (!isOver) window.used++
    return rateState(isOver, this.#limit, this.#limit - window.used, window.endsAt - now)
  }

  /** In the order in which their windows began. */
  #forgetOldest(): void {
    if (this.#windows.size <= httpLimits.rateWindows) return
    for (const oldest of this.#windows.keys()) {
      this.#windows.delete(oldest)
      return
    }
  }
}

/** `left`: requests, for `leftMs`. */
export function rateState(isOver: boolean, limit: number, left: number, leftMs: number): RateState {
  const resetSeconds = Math.max(1, Math.ceil(leftMs / 1_000))
  return {
    isOver,
    resetSeconds,
    headers: {
      'ratelimit-policy': `"key";q=${limit};w=${WINDOW_S}`,
      ratelimit: `"key";r=${left};t=${resetSeconds}`,
    },
  }
}
