// SPDX-License-Identifier: Apache-2.0
/** The bounds of what comes back: reports, and the mail around them. All others are in `limits.ts`. */

const KIB = 1_024
const MIB = 1_024 * KIB
const MINUTE_MS = 60_000

/** Mail that comes in about mail that went out. */
export const feedbackLimits = {
  /** Words of a mail that are tried as tokens, and ids that are looked up; each costs a hash, or a look into the journal. */
  tokensTried: 50,
  idsTried: 3,
  /** A message that is older is not looked for. */
  oldestMessageMs: 400 * 24 * 60 * MINUTE_MS,
} as const

/** What is read of a report that comes in, whatever it consists of; the rest is not looked at. */
export const reportLimits = {
  octets: 1 * MIB,
  /** Of all multiparts together, and how deep those may be in each other. */
  parts: 100,
  depth: 10,
  /** Messages within each other: a report in a forward in a forward. */
  messages: 3,
  /** Fields of one header section, characters of it and of one field. */
  fields: 1_000,
  headerCharacters: 256 * KIB,
  fieldCharacters: 8 * KIB,
  /** Of a part that people read. */
  textCharacters: 64 * KIB,
  /** Recipients of one report. */
  recipients: 1_000,
  /** Of what was said about a recipient. */
  diagnosticCharacters: 1_000,
} as const
