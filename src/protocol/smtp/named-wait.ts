// SPDX-License-Identifier: Apache-2.0
/**
 * How long a receiver that defers says one should wait, as those that greylist do. No RFC has a form for it: these are the words of postgrey,
 * sqlgrey, milter-greylist, Rspamd, Exim set-ups and large providers.
 */
import { type DurationMs, hours, minutes, ms, seconds } from '../../base/brand.ts'

/** Without one of these a time in the text is about something else: "over quota for 8 hours". */
const ABOUT_RETRYING = /gr[ae]y.?list|again|retry|come back|wait|delay/i
const IN_UNITS =
  /\b(?:in|for|after|wait|least)\s+(\d{1,6})\s*(s|m|h)(?:ec|in|our|r)?(?:ond|ute)?s?\b/i
const AS_CLOCK = /\b(?:in|for|after|wait)\s+(\d{1,3}):(\d{2}):(\d{2})\b/i

const units = { s: seconds, m: minutes, h: hours } as const

/** `null` where the text names none. */
export function namedWait(text: string): DurationMs | null {
  if (!ABOUT_RETRYING.test(text)) return null
  const [, count, unit] = IN_UNITS.exec(text) ?? []
  if (count !== undefined && unit !== undefined)
    return units[unit.toLowerCase() as keyof typeof units](Number(count))
  const [, ...clock] = AS_CLOCK.exec(text) ?? []
  if (clock.length === 0) return null
  const [h = 0, m = 0, s = 0] = clock.map(Number)
  return ms(hours(h) + minutes(m) + seconds(s))
}
