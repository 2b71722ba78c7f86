// SPDX-License-Identifier: Apache-2.0
/** The bounds of what is known of recipients' engagement. All others are in `limits.ts`. */
export const engagementLimits = {
  /** Recipients of all tenants that are remembered: about 60 octets of the store each; of more, who engaged longest ago is forgotten. */
  kept: 5_000_000,
  /** Days: who engaged before is as if nothing were known. Longer than any bound of a warm-up. */
  keptDays: 400,
  /** That are forgotten in one step. */
  forgottenTogether: 2_000,
  /** Recipients that the store is asked about at once. */
  askedTogether: 500,
  /** Recipients of messages that are known to have opened; full, it begins anew. */
  seen: 100_000,
} as const
