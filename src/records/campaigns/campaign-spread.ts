// SPDX-License-Identifier: Apache-2.0
/** When mail of a campaign goes and how fast, as people write it and as it is kept. */
import { formatPace, parsePace } from '../../base/campaign-pace.ts'
import { formatWindow, parseWindow } from '../../base/daily-window.ts'
import { RelayError } from '../../base/errors.ts'

export interface CampaignSpread {
  /** As `daily-window.ts` reads it; `null`: at any time. */
  readonly sendWindow: string | null
  /** As `campaign-pace.ts` reads it; `null`: as fast as receivers take it. */
  readonly pace: string | null
}

export const PACE_WANTED =
  'expected so many recipients over a time, such as 500000/6h, of 1 s to 30 d'

/** As it is kept. Throws `RLY_RECORD_INVALID` with what would be right. */
export function windowIn(given: string): string {
  const window = parseWindow(given)
  if (typeof window !== 'string') return formatWindow(window)
  throw new RelayError('RLY_RECORD_INVALID', `"${given}" is no window of the day: ${window}`)
}

/** Likewise. */
export function paceIn(given: string): string {
  const pace = parsePace(given)
  if (pace !== null) return formatPace(pace)
  throw new RelayError('RLY_RECORD_INVALID', `"${given}" is no pace: ${PACE_WANTED}`)
}
