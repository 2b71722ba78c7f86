// SPDX-License-Identifier: Apache-2.0
/**
 * From when on a credential that suddenly does other than it uses to is taken for stolen. Defaults of `[baseline]`, and bounds.
 * That a week is looked at has its reason in how mail is sent: by the hour of the day and by the day of the week.
 */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const baselineLimits = {
  /** Fewer recipients in an hour are never too many: below, a thief gets little, and a small sender is easily five times itself. */
  leastRecipients: 1_000,
  /** A list that doubles every week grows less than that within the eight days that are looked at. */
  timesLargest: 5,
  /** Fewer new domains in an hour are never too many: people who sign up come one by one. */
  leastNewDomains: 100,
  /** Of recipients: where new domains are fewer than that, old customers get most of it. */
  newDomainShare: 0.1,
  /** Fewer bounces in an hour are never too many. */
  leastBounces: 50,
  /** Amazon SES reviews accounts at 5 % and pauses them at 10 %. */
  bounceRate: 0.1,
  /** And so many times what was usual: who has always had bad lists is the operator's matter by another event. */
  timesBounceRate: 3,
  /** The baseline is of hours within this time… */
  withinMs: 8 * DAY_MS,
  /** …that began this long ago or longer: what a thief sends does not become usual within a day. */
  settledMs: DAY_MS,
  /** Nobody is judged by less. */
  matureMs: 3 * DAY_MS,
  /** Nor by domains before a whole week's were seen. */
  domainsMatureMs: 7 * DAY_MS,
  /** A domain is forgotten when nothing went there for one to two of these. */
  generationMs: 30 * DAY_MS,
  /** Of one of the two filters of a credential. */
  sketchOctets: 4_096,
  /** Credentials whose domains are known, 8 KiB each; the domains of others are not looked at. */
  sketches: 2_000,
  /** How often they are written. */
  sketchesEveryMs: HOUR_MS / 6,
  /** Credentials that are counted; of others mail is not judged. */
  credentials: 10_000,
} as const
