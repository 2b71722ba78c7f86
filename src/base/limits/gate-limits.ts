// SPDX-License-Identifier: Apache-2.0
/** The bounds of what the gate lets pass, and of what it tells. */

const MIB = 1_048_576
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const gateLimits = {
  /** Gmail and Yahoo refuse larger content; `size`. */
  contentOctets: 25 * MIB,
  /** RFC 5322 §2.1.1, without CRLF; `header`. */
  headerLineOctets: 998,
  /** How far `Date` may be from the time at which the message goes out; `header`. */
  dateBehindMs: 30 * DAY_MS,
  dateAheadMs: DAY_MS,
  /** Between two events about the same stream, domain and checks; messages in between are counted in the next. */
  noticePauseMs: HOUR_MS,
  /** Of those that are remembered; the oldest is forgotten, and told at once when it comes again. */
  notices: 2_000,
  /** Events `message.rejected` of one tenant in one process; what is over it is a number in the log. */
  rejectionsPerMinute: 600,
  /** Tenants of which that is counted at once; of more the one that began first begins anew. */
  rejectingTenants: 10_000,
} as const
