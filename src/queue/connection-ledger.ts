// SPDX-License-Identifier: Apache-2.0
/**
 * Lends connections to workers, so that together they stay within the limit of a site. A lease lasts `LEASE` and is
 * renewed while it is used; what a worker still has open counts until it says that it is closed, so the sum
 * never exceeds the limit. Who waits for some makes the others shrink to a fair share; where there are fewer than
 * workers, they go round. Times are those of the monotonic clock.
 *
 * Known limits: after its own start the ledger knows nobody's connections, and lends only fallback shares for one lease.
 */
import { type DurationMs, ms, seconds } from '../base/brand.ts'
import { fallbackShare } from './connection-slots.ts'

export const LEASE: DurationMs = seconds(5)
/** How long a slot stays with a worker while another one without any waits. */
const TURN: DurationMs = seconds(10)

export interface SlotAsk {
  readonly site: string
  readonly used: number
  readonly wanted: number
}

export interface SlotGrant {
  readonly site: string
  readonly slots: number
}

interface Claim {
  readonly used: number
  readonly wanted: number
  readonly slots: number
  readonly until: DurationMs
  /** Since when it has slots, or has none, without a break. */
  readonly since: DurationMs
}

export class ConnectionLedger {
  readonly #limit: () => number
  readonly #workers: number
  readonly #knowsAllFrom: DurationMs
  readonly #claims = new Map<string, Map<number, Claim>>()

  constructor(limit: () => number, workers: number, startedAt: DurationMs) {
    this.#limit = limit
    this.#workers = workers
    this.#knowsAllFrom = ms(startedAt + LEASE)
  }

  ask(worker: number, asks: readonly SlotAsk[], now: DurationMs): readonly SlotGrant[] {
    return asks.map((ask) => ({ site: ask.site, slots: this.#grant(worker, ask, now) }))
  }

  #grant(worker: number, { site, used, wanted }: SlotAsk, now: DurationMs): number {
    const claims = this.#claimsOf(site, now)
    const before = claims.get(worker)
    claims.delete(worker)
    const slots = this.#slotsFor(worker, { site, used, wanted }, before, [...claims.values()], now)
    if (used > 0 || wanted > 0) {
      const since = before && before.slots > 0 === slots > 0 ? before.since : now
      claims.set(worker, { used, wanted, slots, until: ms(now + LEASE), since })
    } else if (claims.size === 0) this.#claims.delete(site)
    return slots
  }

  #slotsFor(
    worker: number,
    { wanted }: SlotAsk,
    before: Claim | undefined,
    others: readonly Claim[],
    now: DurationMs,
  ): number {
    const limit = this.#limit()
    const held = others.reduce((sum, claim) => sum + Math.max(claim.slots, claim.used), 0)
    const free = Math.max(0, limit - held)
    const most = Math.min(wanted, free)
    if (now < this.#knowsAllFrom) return Math.min(most, fallbackShare(limit, worker, this.#workers))
    if (!others.some((claim) => claim.wanted > claim.slots)) return most
    const fair = Math.floor(limit / (others.filter((claim) => claim.wanted > 0).length + 1))
    if (fair > 0) return Math.min(most, fair)
    return isItsTurn(before, others, now) ? Math.min(most, 1) : 0
  }

  #claimsOf(site: string, now: DurationMs): Map<number, Claim> {
    let claims = this.#claims.get(site)
    if (!claims) {
      claims = new Map()
      this.#claims.set(site, claims)
    }
    for (const [worker, claim] of claims) if (claim.until <= now) claims.delete(worker)
    return claims
  }
}

/** Fewer slots than workers: who has one keeps it for a turn, then it goes to who has waited longest. */
function isItsTurn(before: Claim | undefined, others: readonly Claim[], now: DurationMs): boolean {
  if (before && before.slots > 0) return now - before.since < TURN
  const since = before?.since ?? now
  return !others.some((claim) => claim.slots === 0 && claim.wanted > 0 && claim.since < since)
}
