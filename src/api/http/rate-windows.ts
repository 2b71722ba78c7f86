// SPDX-License-Identifier: Apache-2.0
/**
 * Requests of each key within a minute, and what a client is told of it: the fields of draft-ietf-httpapi-ratelimit-headers
 * (`RateLimit-Policy`, `RateLimit`) in every answer. Keys are counted where they are good, networks as they come: the oldest of very
 * many are forgotten.
 */
import { ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { httpLimits } from '../../base/http-limits.ts'

const WINDOW_S = 60

export interface RateState {
  readonly isOver: boolean
  /** Until it may go on. */
  readonly resetSeconds: number
  readonly headers: Readonly<Record<string, string>>
}

export class RateWindows {
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
    const resetSeconds = Math.max(1, Math.ceil((window.endsAt - now) / 1_000))
    return {
      isOver,
      resetSeconds,
      headers: {
        'ratelimit-policy': `"key";q=${this.#limit};w=${WINDOW_S}`,
        ratelimit: `"key";r=${this.#limit - window.used};t=${resetSeconds}`,
      },
    }
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
