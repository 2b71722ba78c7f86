// SPDX-License-Identifier: Apache-2.0
/** The bounds of quotas and of their counters. */

export const quotaLimits = {
  /** Of one tenant. 422. */
  perTenant: 200,
  /** How often what was counted is written: while one of them is used up to half, and else. */
  urgentPauseMs: 1_000,
  calmPauseMs: 10_000,
  /** From which part of it on a quota is announced as nearly used up. */
  nearPercent: 80,
  /** How long what was counted is kept: the month that is now, and the one before. */
  keptMs: 62 * 86_400_000,
} as const
