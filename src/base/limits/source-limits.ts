// SPDX-License-Identifier: Apache-2.0
/** Bounds of what people and checks do with sources. */
import { days, minutes, seconds } from '../brand.ts'

export const sourceLimits = {
  /** A source rests so long at most, if not until it is resumed; a longer time is refused. */
  longestRestMs: days(366),
} as const

/** When sources are checked; how often is the operator's to say. */
export const checkPace = {
  /** How soon it is seen that one is due; the first check comes so long after the start. */
  lookMs: seconds(5),
  /** Where nobody answered it is asked again so soon. */
  silentMs: minutes(10),
  /** So that sources and relays do not ask together for ever. */
  jitter: 0.1,
} as const
