// SPDX-License-Identifier: Apache-2.0
/** The bounds of patterns with `*`, wherever they come from: a request (400), a command (64), the configuration (78). */
export const patternLimits = {
  /** No queue has a longer name. */
  characters: 1_000,
  /** A queue name has four parts; two for each leave room. */
  wildcards: 10,
} as const
