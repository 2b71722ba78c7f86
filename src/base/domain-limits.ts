// SPDX-License-Identifier: Apache-2.0
/** The bounds of what is looked up about sending domains, beside `limits.ts`: what each counts, and what happens when it is full. */

const MINUTE_MS = 60_000

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
} as const
