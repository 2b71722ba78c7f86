// SPDX-License-Identifier: Apache-2.0
/**
 * How many events `message.rejected` a tenant may make: a batch of a thousand that is refused, or a client that tries again for
 * ever, shall not fill the journal. What is over the bound is answered all the same, and counted in one line of the log.
 */
import { minutes } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { gateLimits } from '../base/limits/gate-limits.ts'
import type { Log } from '../base/log.ts'

interface Window {
  readonly endsAt: number
  written: number
  over: number
}

export class RejectionBound {
  readonly #clock: Clock
  readonly #log: Log
  /** In the order in which they began. `null`: of who is no submitter. */
  readonly #windows = new Map<string | null, Window>()

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Whether one more becomes an event. */
  take(tenant: string | null): boolean {
    const now = this.#clock.monotonic()
    this.#end(now)
    let window = this.#windows.get(tenant)
    if (window === undefined) {
      window = { endsAt: now + minutes(1), written: 0, over: 0 }
      this.#windows.set(tenant, window)
    }
    if (window.written < gateLimits.rejectionsPerMinute) {
      window.written++
      return true
    }
    window.over++
    return false
  }

  /** Of those that are over, and the oldest of too many: it is told, and begins anew when it comes again. */
  #end(now: number): void {
    for (const [tenant, { endsAt, over }] of this.#windows) {
      if (endsAt > now && this.#windows.size <= gateLimits.rejectingTenants) return
      this.#windows.delete(tenant)
      if (over > 0) this.#log.warn({ tenant, over }, 'more mail was refused than becomes events')
    }
  }
}
