// SPDX-License-Identifier: Apache-2.0
/** A brake that holds mail back, or did, and what a person has decided about it: see `queue/brakes`. */
import type { Instant } from '../base/brand.ts'

export interface BrakeRecord {
  /** A class of `docs/classification.md`; `class@site` where it is about one site. */
  readonly name: string
  readonly state: 'holding' | 'confirmed' | 'released'
  /** Since when it holds, or last did. */
  readonly since: Instant
  /** Why: `count` of `ends` were of the class, about `spread` domains, or at one site recipients. */
  readonly count: number
  readonly ends: number
  readonly spread: number
  /** Its part before, 0–1; `null`: too little was known. */
  readonly usualShare: number | null
  readonly decidedAt: Instant | null
  readonly decidedBy: string | null
  /** Confirmed: it is let through until then. */
  readonly until: Instant | null
}
