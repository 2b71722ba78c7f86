// SPDX-License-Identifier: Apache-2.0
/** RFC 3339 §5.6 `date-time`, with any offset. Known limits: a leap second is no time here. */
import { type Instant, instant } from '../base/brand.ts'

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i

/** `null` where the text is no time that was or will be. */
export function parseTimestamp(text: string): Instant | null {
  const match = FORM.exec(text)
  if (match === null) return null
  // `Date.parse` takes the 30th of February for a day of March.
  const [, year, month, day] = match.map(Number)
  if (new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day)).getUTCDate() !== day) return null
  const at = Date.parse(text.toUpperCase())
  return Number.isNaN(at) ? null : instant(at)
}
