// SPDX-License-Identifier: Apache-2.0
/** The bounds of what is looked up about sending domains, beside `limits.ts`: what each counts, and what happens when it is full. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

export const domainLimits = {
  /** Check-ups in a row that did not see what was there before; then it is lacking. */
  absencesUntilLacking: 3,
  /** And since the first of them so much time has passed: nobody makes a domain fail by asking often. */
  absentMs: 60 * MINUTE_MS,
  /** Of the sentence that says why a domain is not verified; the rest is cut. */
  reasonCharacters: 1_000,
  /** Of what is published at a name, values that are shown; the rest is left out. */
  publishedValues: 20,
  /** Of one such value; the rest is cut. */
  publishedCharacters: 4_000,
  /** Domains that are looked up at once; the others wait for their turn. */
  atOnce: 8,
  /** In one round; what else is due comes in the next. */
  inRound: 500,
} as const

/** How often domains are looked up without being asked. */
export const checkupPace = {
  /** Between rounds. What a round writes makes other processes read the records again: so not all the time. */
  roundMs: MINUTE_MS,
  usuallyMs: 6 * HOUR_MS,
  /** The DNS gave no answer about something. */
  silentMs: 15 * MINUTE_MS,
  /** Something that was seen is gone: three times in an hour, and it is lacking. */
  goneMs: 20 * MINUTE_MS,
  failingMs: HOUR_MS,
  /** Its owner has to publish something, for so long already. */
  waiting: [
    { untilMs: HOUR_MS, everyMs: 2 * MINUTE_MS },
    { untilMs: DAY_MS, everyMs: 15 * MINUTE_MS },
    { untilMs: 7 * DAY_MS, everyMs: HOUR_MS },
  ],
  /** For longer. */
  forgottenMs: 12 * HOUR_MS,
  /** Each wait is shorter or longer by up to this part of it. */
  jitter: 0.2,
} as const
