// SPDX-License-Identifier: Apache-2.0
/** The bounds of opens and clicks. All others are in `limits.ts`. */

const KIB = 1_024
const MIB = 1_024 * KIB

export const trackingLimits = {
  /** Content of a message that is held to be rewritten; a larger one goes out as it came. */
  contentOctets: 2 * MIB,
  /** Of one message; with more of them it goes out as it came. */
  multiparts: 100,
  /** Of one message, those after it lead where they led. */
  links: 500,
  /** Of a target; a longer one is left alone. A link of ours has a third more, and has to fit a line. */
  targetCharacters: 600,
  /** Openings and clicks that wait for the journal; more are not counted. */
  waitingHits: 10_000,
  /** That are written together. */
  hitsAtOnce: 500,
  /** The same within it is told once, of so many that are remembered. */
  sameHitMs: 30_000,
  hitsRemembered: 100_000,
} as const
