// SPDX-License-Identifier: Apache-2.0
/** What a standing is and decides, as values: what a record keeps of it. `standing.ts` moves it. */
import type { Instant } from '../../base/brand.ts'
import type { StandingCounts, StandingStateName } from '../../records/standing.ts'

export type StandingState =
  | { readonly kind: 'good' }
  /** Nothing follows yet. `isBad`: it would, were there anything to do but to say so. */
  | { readonly kind: 'watched'; readonly reason: string; readonly isBad: boolean }
  /** Its mail goes by the quarantine pool of the pool. */
  | { readonly kind: 'quarantined'; readonly reason: string }
  /** Its mail waits until somebody decides. */
  | { readonly kind: 'held'; readonly reason: string }

/** A person may say any of them; by itself a hold ends only where it is not what follows any more. */
export const allowedStandings = {
  good: ['watched', 'quarantined', 'held'],
  watched: ['good', 'quarantined', 'held'],
  quarantined: ['good', 'watched', 'held'],
  held: ['good', 'watched', 'quarantined'],
} as const satisfies Record<StandingStateName, readonly StandingStateName[]>

/** A person has said how it stands, until it is released. */
export interface Pin {
  readonly by: string
  readonly reason: string
}

/** What it is, without what is counted: what a record keeps. */
export interface StandingPosition {
  readonly state: StandingState
  readonly since: Instant
  /** What was counted before is judged already: hours before this one, and so much of it. */
  readonly judgedFrom: { readonly hour: number; readonly counted: StandingCounts }
  readonly pin: Pin | null
}

/** One sentence, with the numbers; becomes an event `tenant.<kind>`. */
export interface StandingDecision {
  readonly at: Instant
  readonly kind: StandingStateName
  readonly text: string
}

/** What there is to do about one that is bad. */
export type Remedy =
  | { readonly kind: 'quarantine'; readonly pool: string }
  | { readonly kind: 'hold' }
  | { readonly kind: 'warn' }
