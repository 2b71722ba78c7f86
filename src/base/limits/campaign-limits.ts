// SPDX-License-Identifier: Apache-2.0
/** The bounds of campaigns. All others are in `limits.ts`. */

const DAY_MS = 24 * 60 * 60_000

export const campaignLimits = {
  /** Records of a tenant's: settings, pauses, marks. Where there are so many, those that were cancelled long ago, or have nothing but a mark, are forgotten; else no more are made. */
  perTenant: 1_000,
  /** A cancelled one is refused new mail for at least so long, and a mark stays. */
  cancelledForMs: 30 * DAY_MS,
  /** Time zones whose clocks are kept in memory, some 30 KiB each; over it the oldest half is forgotten. */
  zones: 256,
  /** Turns that one may have while others have one. */
  weight: 100,
  /** In one answer of the list, of each source of it. */
  listed: 1_000,
  /** Of why it is paused or cancelled. */
  reasonCharacters: 500,
  /** Recipients that are ended together. */
  step: 200,
} as const
