// SPDX-License-Identifier: Apache-2.0
/**
 * When a deferred recipient is tried again: the waits of its stream in order, the last one repeated,
 * each with jitter so that what was deferred together does not come back together.
 * RFC 5321 §4.5.4.1 asks for at least 30 minutes between attempts once the first are made, and 4–5 days in all.
 */
import { type DurationMs, type Instant, ms, plus, seconds } from '../base/brand.ts'
import { queueLimits } from '../base/limits/limits.ts'
import type { Random } from '../base/random.ts'

/** Each wait is drawn from ± this share of it. */
const JITTER = 0.1
/** Clocks that count seconds may be one behind. */
const MARGIN = seconds(1)

/** `attempts` counts those made, so at least 1. `waits` has at least one. */
export function nextAttemptAt(
  waits: readonly DurationMs[],
  attempts: number,
  now: Instant,
  random: Random,
): Instant {
  const wait = waits[Math.min(attempts, waits.length) - 1] ?? waits[0] ?? 0
  return plus(now, withJitter(wait, random))
}

/** `wait` within ± 10 %. */
export function withJitter(wait: number, random: Random): DurationMs {
  return ms(Math.round(wait * (1 - JITTER + 2 * JITTER * random.fraction())))
}

/**
 * Where the receiver has named a wait: not before it is over, and at the first attempt as soon as that. Later ones
 * keep to the schedule, so that nobody makes us call every second.
 */
export function retryAsNamed(
  scheduled: Instant,
  named: DurationMs,
  attempts: number,
  now: Instant,
  random: Random,
): Instant {
  const wait = Math.min(named, queueLimits.namedWaitMs)
  const over = plus(now, ms(Math.round(wait * (1 + JITTER * random.fraction())) + MARGIN))
  return over > scheduled || attempts === 1 ? over : scheduled
}
