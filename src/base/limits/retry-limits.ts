// SPDX-License-Identifier: Apache-2.0
/** The bounds of mail that failed and is sent again. */

export const retryLimits = {
  /** Messages that are claimed together, accepted side by side, and confirmed together: two syncs of the disk. */
  step: 20,
  /** Failures that one request looks at. */
  page: 500,
  /** How long it is remembered who was sent mail again: longer than failures are listed, and than content is usually kept. */
  rememberedDays: 100,
  /** Different reasons why mail was refused that an answer quotes. */
  reasons: 5,
} as const
