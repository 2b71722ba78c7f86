// SPDX-License-Identifier: Apache-2.0
/**
 * The generic cell rate algorithm (ITU-T I.371, as a virtual schedule) in whole microseconds of the monotonic clock.
 *
 * A limit of N in a period P gives slots that are (P + s)/N apart, and a slot may be used up to s late: what a busy process
 * misses it catches up. With burst 1 any N + 1 in a row so take more than P, and no window of P, wherever it begins, holds more
 * than N. With burst b a slot may be used b − 1 slots later as well: N + b − 1. Whole microseconds lose nothing, since the rest
 * of the division is carried on (Bresenham).
 */
import { type Micros, micros } from '../../base/brand.ts'
import type { RateLimit } from '../../base/quantity.ts'

/** From this many a period at least 98 % of a limit is used; below, 95 %, and a slow start of a connection does no harm. */
const FINE_COUNT = 60
const FINE_PARTS = 100
const COARSE_PARTS = 20
/** So that little is caught up at once where the period is long. */
const LONGEST_SLACK_US = 30_000_000

/** s: how late a slot may be used. */
export function slackOf({ count, per }: RateLimit): Micros {
  const parts = count < FINE_COUNT ? COARSE_PARTS : FINE_PARTS
  return micros(Math.min(LONGEST_SLACK_US, Math.floor((per * 1_000) / parts)))
}

/** How many slots of `limit` there are in `length`, at least one. */
export function slotsIn(limit: RateLimit, length: Micros): number {
  return Math.max(1, Math.floor((length * limit.count) / (limit.per * 1_000 + slackOf(limit))))
}

/** A limit as arithmetic wants it; one for all that have the same limit. */
export interface Pace {
  readonly count: number
  /** Microseconds between two slots, and what they leave over, in parts of `count`. */
  readonly step: number
  readonly rest: number
  /** How late a slot may be used. */
  readonly tolerance: number
}

/** `lateness`: up to `slackOf(limit)`; 0 for who deals out slots that others use that late. */
export function paceOf(limit: RateLimit, lateness: Micros): Pace {
  const { burst, count, per } = limit
  const period = per * 1_000 + slackOf(limit)
  return {
    count,
    step: Math.floor(period / count),
    rest: period % count,
    tolerance: lateness + Math.floor(((burst - 1) * period) / count),
  }
}

export class Gcra {
  readonly #pace: Pace
  #carried = 0
  /** From when the next slot may be used. */
  #next: number = Number.NEGATIVE_INFINITY

  constructor(pace: Pace) {
    this.#pace = pace
  }

  get nextAt(): Micros {
    return micros(this.#next)
  }

  /** Nothing is remembered any more that a new one would not know. */
  isFreshAt(now: Micros): boolean {
    return this.#next <= now - this.#pace.tolerance
  }

  /** Uses the next slot. `at`: not before `nextAt`. */
  take(at: Micros): void {
    const { count, rest, step, tolerance } = this.#pace
    const slot = Math.max(this.#next, at - tolerance)
    this.#carried += rest
    const isWhole = this.#carried >= count
    if (isWhole) this.#carried -= count
    this.#next = slot + step + (isWhole ? 1 : 0)
  }

  /** Uses a slot that has not come yet, as far as `most` from `at`: those who ask have one less. */
  owe(at: Micros, most: Micros): void {
    if (this.#next <= at + most) this.take(at)
  }

  /** Nothing before `at`. */
  hold(at: Micros): void {
    this.#next = Math.max(this.#next, at)
  }
}
