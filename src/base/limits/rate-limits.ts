// SPDX-License-Identifier: Apache-2.0
/** The bounds of what is counted of complaints and bounces. All others are in `limits.ts`. */

const DAY_MS = 24 * 60 * 60_000

export const rateLimits = {
  /** Rows of older days are removed. */
  keptDays: 90,
  /** What is looked at for a high rate. */
  windowDays: 7,
  /** Campaigns that are told apart on a day of a tenant's; the others are counted together, as `(other)`. */
  campaigns: 1_000,
  /**
   * Messages whose signing domain is remembered, and deliveries whose source and provider are, of the latest; how others went is
   * looked up.
   */
  messages: 20_000,
  /** Of what was looked up lately; each view of events asks for the same. */
  waysShared: 1_000,
  /** MX hosts with their addresses whose provider is remembered, of the latest. */
  mxHosts: 10_000,
  /** What events may count for, that is remembered as one thing: a count, a day, and of each dimension a name. */
  kinds: 10_000,
  /** Events whose counts wait to be written; then they are. */
  pending: 10_000,
  /** And at the latest after this. */
  writeEveryMs: 1_000,
  /** Below these a rate says nothing. */
  leastEnds: 200,
  leastComplaints: 3,
  leastBounces: 20,
  /** Subjects in one answer, and in metrics. */
  listed: 1_000,
  inMetrics: 200,
  dayMs: DAY_MS,
} as const
