// SPDX-License-Identifier: Apache-2.0
/** A clock that stands still until a test or a simulation turns it. */
import { type DurationMs, type Instant, instant, ms } from './brand.ts'
import { type Clock, sleepOn, type Timer } from './clock.ts'

interface Pending {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class ManualClock implements Clock {
  #now: number
  #elapsed = 0
  #order = 0
  readonly #pending = new Set<Pending>()

  constructor(start: Instant = instant(Date.UTC(2026, 0, 1))) {
    this.#now = start
  }

  now(): Instant {
    return instant(this.#now)
  }

  monotonic(): DurationMs {
    return ms(this.#elapsed)
  }

  after(delay: DurationMs, run: () => void): Timer {
    const pending = { at: this.#elapsed + Math.max(0, delay), order: this.#order++, run }
    this.#pending.add(pending)
    return { cancel: () => void this.#pending.delete(pending) }
  }

  sleep(delay: DurationMs, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal)
  }

  /** Turns both clocks, firing what falls due in order of time. Promises settle between calls. */
  advance(duration: DurationMs): void {
    const end = this.#elapsed + duration
    for (let next = this.#earliest(end); next; next = this.#earliest(end)) {
      this.#pending.delete(next)
      this.#now += next.at - this.#elapsed
      this.#elapsed = next.at
      next.run()
    }
    this.#now += end - this.#elapsed
    this.#elapsed = end
  }

  /** How far it has to be turned for the next to fall due; `null` where nothing is pending. */
  get untilNext(): DurationMs | null {
    const next = this.#earliest(Number.POSITIVE_INFINITY)
    return next && ms(next.at - this.#elapsed)
  }

  /** The wall clock is set by somebody; the monotonic clock does not notice. */
  jump(duration: DurationMs): void {
    this.#now += duration
  }

  #earliest(until: number): Pending | null {
    let best: Pending | null = null
    for (const pending of this.#pending) {
      if (pending.at > until) continue
      if (!best || pending.at < best.at || (pending.at === best.at && pending.order < best.order))
        best = pending
    }
    return best
  }
}
