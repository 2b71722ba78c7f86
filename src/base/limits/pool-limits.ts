// SPDX-License-Identifier: Apache-2.0
/** The bounds of what is known of pools. All others are in `limits.ts`. */
export const poolLimits = {
  /** Queues whose rule is known without looking, of the latest. About 200 octets each. */
  queuesKnown: 10_000,
} as const
