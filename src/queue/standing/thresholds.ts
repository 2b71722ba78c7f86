// SPDX-License-Identifier: Apache-2.0
/** From which shares on a tenant is watched, and is bad for its neighbours; where each default comes from. */
import type { StandingCounts } from '../../records/standing.ts'

export const judgedKinds = ['unknown', 'refused', 'complained'] as const
export type JudgedKind = Extract<keyof StandingCounts, (typeof judgedKinds)[number]>

/** Shares, 0 to 1: the first is not above the second. */
export interface Threshold {
  readonly watch: number
  readonly bad: number
}

export interface StandingPolicy {
  /** Of answers, or of deliveries where complaints are judged, below which no share says anything. */
  readonly leastMail: number
  readonly thresholds: { readonly [Kind in JudgedKind]: Threshold }
}

/**
 * Unknown: Amazon SES reviews at 5 % and pauses at 10 % (Postmark at 2 and 4 %). Complained: Gmail wants below 0.1 % and acts at
 * 0.3 %, as Yahoo; SES reviews at 0.1 %. Refused: ours; what a receiver refuses for its content it soon refuses for its address.
 */
export const defaultPolicy: StandingPolicy = {
  leastMail: 100,
  thresholds: {
    unknown: { watch: 0.05, bad: 0.1 },
    refused: { watch: 0.02, bad: 0.1 },
    complained: { watch: 0.001, bad: 0.003 },
  },
}
