// SPDX-License-Identifier: Apache-2.0
/** How fast a campaign is let go: so many recipients over a time, evenly: `500000/6h`, `2000/h`. */
import { type DurationMs, days, minutes, ms } from './brand.ts'
import { formatDuration, parseDuration, type RateLimit, type RateSpec } from './quantity.ts'

const LONGEST = days(30)
/** What a busy process misses it catches up within a hundredth of the period: with a short one mail goes evenly. */
const PERIOD = minutes(1)
/** At least so many are to go in a period. */
const IN_PERIOD = 60
/** A rate uses a hundredth less than it may; a campaign is to be over in time. */
const HASTE = 1.01

/** `null`: it is no pace. */
export function parsePace(text: string): RateSpec | null {
  const match = /^(\d{1,9})\s*\/\s*(.+)$/.exec(text.trim())
  if (!match) return null
  const [, count = '', over = ''] = match
  const per = parseDuration(/^\d/.test(over) ? over : `1${over === 'min' ? 'm' : over}`)
  if (Number(count) === 0 || per === null || per < 1_000 || per > LONGEST) return null
  return { count: Number(count), per }
}

export function formatPace({ count, per }: RateSpec): string {
  return `${count}/${formatDuration(per)}`
}

/** As a limit, of a period that is short enough for mail to go evenly. */
export function limitOfPace({ count, per }: RateSpec): RateLimit {
  const period = Math.min(per, Math.max(PERIOD, Math.ceil((per * IN_PERIOD) / count)))
  if (period >= per) return { count, per, burst: 1 }
  return {
    count: Math.max(1, Math.round((HASTE * count * period) / per)),
    per: ms(period),
    burst: 1,
  }
}

/** How long so many take. */
export function timeFor({ count, per }: RateSpec, recipients: number): DurationMs {
  return ms(Math.ceil((recipients * per) / count))
}
