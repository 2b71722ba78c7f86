// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the next message, or the next connection, of a path may go now. A path's lane is bound by several limits at once
 * (its own, its provider's), each shared by all lanes that name its key. A process that is alone keeps them itself (`own-rates.ts`);
 * workers that share limits are lent slots by the ledger (`lent-rates.ts`). Who asks does not know which.
 */
import type { DurationMs } from '../../base/brand.ts'
import type { RateLimit } from '../../base/quantity.ts'

export interface KeyedRate<Limit extends RateLimit = RateLimit> {
  /** Who shares the limit: all lanes with the same key. */
  readonly key: string
  readonly limit: Limit
}

/** What waits behind a question to the ledger. */
export interface Demand {
  /** Messages, or connections, that could go at once. */
  readonly waiting: number
  /** Of the first among them: 0 goes before 1. */
  readonly highestClass: number
  /** What its share among others of its class is measured by; above 0 where something waits. */
  readonly weightedDepth: number
  readonly oldestAge: DurationMs
}

/** Who waits on a lane. */
export interface LaneUser {
  demand(): Demand
  /** The lane may let something through that it did not a moment ago. */
  wake(): void
}

export type Admission =
  | { readonly kind: 'go' }
  /** `until`: monotonic, when to ask again. `binds`: the key of the limit that it waits for; `null` where the ledger has not said. */
  | { readonly kind: 'wait'; readonly until: DurationMs; readonly binds: string | null }

export interface RateLane {
  /** The limits have changed; what was sent before counts on. */
  rebind(limits: readonly KeyedRate[]): void
  /** Spends nothing. */
  look(now: DurationMs): Admission
  /** `go` spends. Asked once a message. */
  admit(now: DurationMs): Admission
  /** Spends what was not asked for: others have less of it, for at most as long as the limit's time. */
  charge(now: DurationMs): void
}

export interface Rates {
  /** `name`: unique to who uses it. No `limits` let everything through. */
  lane(name: string, limits: readonly KeyedRate[], user: LaneUser): RateLane
}

export const GO: Admission = { kind: 'go' }
