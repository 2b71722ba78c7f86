// SPDX-License-Identifier: Apache-2.0
/** The bounds of warm-ups. All others are in `limits.ts`. */

const MINUTE_MS = 60_000

export const warmUpLimits = {
  /** Signals are counted in slices; so often a warm-up is looked at, too. */
  sliceMs: 10 * MINUTE_MS,
  /** Slices that are remembered: a day and a bit. Older ones are forgotten, their day remains. */
  slices: 150,
  /** Days that are remembered; the oldest is forgotten. */
  days: 60,
  /** Decisions that are remembered with a warm-up; the oldest is forgotten. Events have them all. */
  decisions: 100,
  /** Stages of a schedule. */
  stages: 100,
  /** Characters of a code or of words in which a receiver refused. */
  codeCharacters: 40,
  /** Signals and openings that were read and are not in the records; then they are written at once. */
  notesKept: 10_000,
  /** Pairs of source and provider that can be warmed up; no more can be started. */
  warmUps: 10_000,
} as const
