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
  /** Content of mail that comes in, in memory; over it 452 4.3.1. */
  heldOctets: 64 * MIB,
  /** What one network, and all together, may bring in an hour that no token vouches for; over it 452 4.7.1. */
  octetsPerPeerHour: 32 * MIB,
  octetsPerHour: 256 * MIB,
  /** What an event counts for in these. */
  eventOctets: 1 * KIB,
  /** Networks whose debt is remembered; the oldest is forgotten. */
  peersRemembered: 10_000,
  /** Reports without proof for which the search view is asked what they may be about, an hour and at once: in each worker. */
  guessesPerPeerHour: 30,
  guessesPerHour: 300,
  guessesAtOnce: 4,
  /** They are about mail that was received and delivered within this time, as far as so many events of its recipient say. */
  guessedWithinMs: 7 * 24 * 60 * MINUTE_MS,
  guessedAmong: 100,
  /** Records that the search view may be behind, so that what it does not have is just happening. */
  guessesBehind: 10_000,
  /** For all questions to the DNS about who sent a mail; what has no answer by then is a temporary error. */
  authenticationMs: 5_000,
  /** How long it is remembered that a report was recorded; a token is good for less. */
  rememberedDays: 90,
  /** And that somebody wants no more, for their tokens are good for a year longer. */
  wishesRememberedDays: 460,
} as const

/** Signatures on mail that comes in: how much is verified of what strangers wrote, before a 250. */
export const dkimLimits = {
  /** Others are not looked at; each costs a question to the DNS and up to a tenth of a millisecond. */
  signatures: 5,
  /** Records of one name that are tried as keys. */
  keys: 3,
  /** Signatures over longer bodies are not believed (`policy`). */
  bodyOctets: 4 * MIB,
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
