// SPDX-License-Identifier: Apache-2.0
/** How long to wait after a failure of an endpoint: longer each time, and not for all of them the same. */
import { type DurationMs, hours, minutes, ms, seconds } from '../../base/brand.ts'
import type { Random } from '../../base/random.ts'

/** The last one repeats. */
const waits: readonly DurationMs[] = [
  ...[seconds(5), seconds(30), minutes(2), minutes(10), minutes(30)],
  ...[hours(1), hours(2), hours(4), hours(6)],
]
/** Either way. */
const JITTER = 0.1

/** Of any wait. */
export const longestWait: DurationMs = hours(7)

/** `failures`: so far, from 1. */
export function waitAfter(failures: number, random: Random): DurationMs {
  const wait = waits[Math.min(failures, waits.length) - 1] ?? seconds(5)
  return ms(Math.round(wait * (1 - JITTER + 2 * JITTER * random.fraction())))
}
