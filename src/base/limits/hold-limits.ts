// SPDX-License-Identifier: Apache-2.0
/** The bounds of mail that waits for somebody's decision. */

const DAY_MS = 86_400_000

export const holdLimits = {
  /** Who nobody has decided about by then expires, with a report where one is owed: `hold.expires_after`. */
  expiresAfterMs: 7 * DAY_MS,
  /** Recipients that one step of a decision, or of the end of holds, takes from the index. */
  step: 200,
  /** Of a message, in a list; the others are counted. */
  recipientsListed: 20,
  /** Recipients that a list looks at; what lies beyond is found by a narrower question. */
  looked: 100_000,
  /** Queues that are told apart of one credential's mail; of the others nothing is said, nor that they are there. */
  queuesOfCredential: 50_000,
  /** Lists of one credential's mail that a process makes at once, and as many takings back; of one tenant one each. Who comes then asks again. */
  walks: 4,
} as const
