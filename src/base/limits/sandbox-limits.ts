// SPDX-License-Identifier: Apache-2.0
/** Bounds of the simulated receiver, beside those of the sink that it is made of. */
export const sandboxLimits = {
  /** Complaints and the like come so long after the delivery that they are about. */
  reportAfterMs: 1_000,
  /** Those that wait for that, of a process; further ones never come. */
  reportsWaiting: 1_000,
} as const
