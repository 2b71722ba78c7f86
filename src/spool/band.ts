// SPDX-License-Identifier: Apache-2.0
/**
 * How glad a recipient is of mail, coarsely: what a source that is being warmed up sends first. Kept with a message only while some source
 * is.
 */
import { type DurationMs, days } from '../base/brand.ts'

/** 0: has not engaged for long. 1: nothing is known, or it was a while ago. 2: of late. 3: just now. */
export const bands = [0, 1, 2, 3] as const
export type Band = (typeof bands)[number]

/** Of whom nothing is known. */
export const UNKNOWN: Band = 1
/** Each band is due so much before the next one that came at the same time. */
const LEAD = days(1)

/** Of a message: a digit for each of its recipients. */
interface Banded {
  readonly bands?: string
}

export function bandOf({ bands: known }: Banded, index: number): Band {
  return bands.find((band) => String(band) === known?.[index]) ?? UNKNOWN
}

/** By how much a recipient is due before its message came, so that the index gives the best first. */
export function leadOf(message: Banded, index: number): DurationMs | 0 {
  return message.bands === undefined ? 0 : ((bandOf(message, index) * LEAD) as DurationMs)
}
