// SPDX-License-Identifier: Apache-2.0
/** The bounds of what is counted of tenants in shared pools. All others are in `limits.ts`. */

const HOUR_MS = 60 * 60_000

export const standingLimits = {
  hourMs: HOUR_MS,
  /** The two windows that are judged. */
  shortHours: 24,
  longHours: 7 * 24,
  /** What was counted is written, and who sent is judged, as often as this. */
  judgeEveryMs: 5_000,
  /** And all others, whose windows move on. */
  judgeAllEveryMs: HOUR_MS,
  /** While what is read is older than this, nobody is judged: the half of a day says nothing of the day. */
  behindMs: 5 * 60_000,
  /** How long a quarantine lasts at least, and a watch. */
  leastStayMs: 24 * HOUR_MS,
  /** Deliveries that are remembered (when, and where to), of the latest; that of others is looked up. */
  deliveries: 20_000,
  /** Ways (a campaign, a domain, an MX host) of these that are kept once each. */
  ways: 10_000,
  /** Answers that were read and are not in the records; then they are written at once. */
  pending: 10_000,
  /** Decisions that are kept of a tenant in a pool. */
  decisions: 20,
} as const
