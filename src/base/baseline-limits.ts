// SPDX-License-Identifier: Apache-2.0
/** From when on a credential that suddenly hands in much more than it uses to is taken for stolen. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const baselineLimits = {
  /** Fewer recipients in an hour are never too many. */
  leastRecipients: 1_000,
  /** More than so many times the largest hour of the baseline are. */
  timesLargest: 5,
  /** The baseline is of hours within this time… */
  withinMs: 8 * DAY_MS,
  /** …that began this long ago or longer: what a thief sends does not become usual within a day. */
  settledMs: DAY_MS,
  /** Nobody is judged by less. */
  matureMs: 3 * DAY_MS,
  /** Credentials that are counted; of others mail is not judged. */
  credentials: 10_000,
} as const
