// SPDX-License-Identifier: Apache-2.0
/** In which band a recipient is: by what its submitter says, or by when it last engaged. */
import { type Band, UNKNOWN } from '../../spool/band.ts'
import type { EngagedPolicy } from './thresholds.ts'

/** `score`: 0 to 100, of whoever hands the message in. */
export function bandOfScore(score: number): Band {
  if (score >= 70) return 3
  if (score >= 40) return 2
  return score >= 10 ? 1 : 0
}

/** Days since 1970; `null`: nothing is known. */
export function bandOfDay(
  engaged: number | null,
  today: number,
  { recentDays, someDays, staleDays }: EngagedPolicy,
): Band {
  if (engaged === null) return UNKNOWN
  const ago = today - engaged
  if (ago <= recentDays) return 3
  if (ago <= someDays) return 2
  return ago <= staleDays ? 1 : 0
}
