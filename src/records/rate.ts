// SPDX-License-Identifier: Apache-2.0
/**
 * How much of delivered mail bounces and is complained about, by day. The day is that of the message, not of the complaint: what
 * comes back today is about mail of last week, and a window compares it with what was delivered then.
 */

/** By what it is told apart. `domain`: whose key signed. */
export const rateDimensions = ['stream', 'campaign', 'source', 'provider', 'domain'] as const
export type RateDimension = (typeof rateDimensions)[number]

export interface RateCounts {
  readonly delivered: number
  /** At once, in the dialog or for want of a way. */
  readonly bounced: number
  /** Bounced by a report after it was delivered. */
  readonly reported: number
  readonly complained: number
  readonly unsubscribed: number
  /** How often somebody was told that one of the rates is high. */
  readonly told: number
}

export interface RateSubject {
  readonly tenant: string
  readonly dimension: RateDimension
  readonly name: string
}

export interface RateRow extends RateSubject, RateCounts {
  /** Days since 1970, UTC. */
  readonly day: number
}

export interface RateSum extends RateSubject, RateCounts {}

/** All that is given must hold. */
export interface RateSelection {
  /** From this day on. */
  readonly since: number
  readonly tenant?: string
  readonly dimension?: RateDimension
  readonly name?: string
}

export interface RateRecords {
  /** On top of what is there. */
  add(rows: readonly RateRow[]): Promise<void>
  /** One for each subject, most complaints first, then most deliveries. */
  sums(selection: RateSelection, limit: number): Promise<readonly RateSum[]>
  /** Of days before. */
  removeOlder(day: number): Promise<void>
}

export const noCounts: RateCounts = {
  ...{ delivered: 0, bounced: 0, reported: 0, complained: 0, unsubscribed: 0, told: 0 },
}

/** 0–1 of what was delivered; 0 where nothing was. */
export function complaintRate({ complained, delivered }: RateCounts): number {
  return delivered === 0 ? Number(complained > 0) : complained / delivered
}

/** 0–1 of what came to an end. */
export function bounceRate({ bounced, delivered, reported }: RateCounts): number {
  const ends = delivered + bounced
  return ends === 0 ? Number(reported > 0) : (bounced + reported) / ends
}
