// SPDX-License-Identifier: Apache-2.0
/**
 * Lends slots of rates to workers: instants, paced as the limits are, each for one worker and one message. It plans no further
 * than `HORIZON` ahead, and gives each worker of that what its demand makes its share. A slot that is not used is lost.
 *
 * Known limits: what waits in a higher class is served first, however long a lower one has waited.
 */
import { type DurationMs, type Micros, micros, microsOf } from '../../base/brand.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { slotsIn } from './gcra.ts'
import { HORIZON, type RateAsk, type RateGrant, RENEW, restBetween } from './lending.ts'
import { MeterGroup, Meters } from './meters.ts'
import { type RateClaim, RateClaims } from './rate-claims.ts'

const HORIZON_US = micros(HORIZON * 1_000)
/** Whoever waits and has no turn looks again after this. */
const TURN_US = HORIZON_US / 2
/** A claim outlives the time at which its worker was to ask again. */
const CLAIM_US = 2 * RENEW * 1_000

export class RateLedger {
  readonly #meters: Meters
  readonly #claims = new Map<string, RateClaim>()
  readonly #claimsByKey = new Map<string, RateClaims>()
  #sweepAt = 0

  /** `lendsFrom`: nothing is lent before, and each limit rests a while after it. */
  constructor(workers: number, lendsFrom: DurationMs) {
    const from = microsOf(lendsFrom)
    this.#meters = new Meters((limit) => ({
      // Those to whom the slots go may be as late as the limit allows; the ledger itself never is.
      lateness: micros(0),
      from: micros(from + restBetween(limit, workers)),
    }))
  }

  ask(worker: number, asks: readonly RateAsk[], now: DurationMs): readonly RateGrant[] {
    const at = microsOf(now)
    if (at >= this.#sweepAt) this.#sweep(at)
    return asks.map((ask) => this.#grant(`${worker} ${ask.lane}`, ask, at))
  }

  #grant(name: string, { lane, limits, demand }: RateAsk, now: Micros): RateGrant {
    const keys = limits.map(({ key }) => key)
    const before = this.#claims.get(name)
    const ahead = before?.ahead.filter((slot) => slot > now) ?? []
    const claim: RateClaim = {
      keys,
      highestClass: demand.highestClass,
      weight: Math.max(Number.MIN_VALUE, demand.weightedDepth),
      waiting: demand.waiting,
      ahead,
      until: micros(now + CLAIM_US),
    }
    if (before !== undefined && before.highestClass !== claim.highestClass) this.#drop(name, before)
    if (demand.waiting === 0) {
      if (before !== undefined) this.#drop(name, before)
      return { lane, slots: [], askAgainAt: now, binds: null }
    }
    for (const key of keys) this.#claimsOf(key).set(name, claim, false)
    const lent = this.#lend(name, claim, limits, now)
    this.#keep(name, claim, lent, now)
    return { lane, ...lent }
  }

  #lend(
    name: string,
    claim: RateClaim,
    limits: RateAsk['limits'],
    now: Micros,
  ): Omit<RateGrant, 'lane'> {
    const wanted = Math.min(claim.waiting - claim.ahead.length, shapingLimits.slotsPerGrant)
    let most = wanted
    let binds: string | null = null
    for (const { key, limit } of limits) {
      const share = this.#claimsOf(key).shareOf(name, claim, slotsIn(limit, HORIZON_US))
      if (share - claim.ahead.length >= most) continue
      most = Math.max(0, share - claim.ahead.length)
      binds = key
    }
    const slots: Micros[] = []
    const group = new MeterGroup(this.#meters, limits)
    for (;;) {
      const slot = group.nextAt(now)
      if (slot > now + HORIZON_US) {
        const bound = group.lookAt(now)
        if (bound.kind === 'wait') binds = bound.binds
        const askAgainAt = micros(slots.length > 0 ? now : slot - HORIZON_US)
        return { slots, askAgainAt, binds }
      }
      if (slots.length >= most) break
      group.take(slot)
      slots.push(slot)
    }
    const isTurnOfOthers = slots.length === 0 && wanted > 0
    return { slots, askAgainAt: micros(isTurnOfOthers ? now + TURN_US : now), binds }
  }

  /** Where it waits long for one limit, it does not stand in the line for the others meanwhile. */
  #keep(name: string, claim: RateClaim, lent: Omit<RateGrant, 'lane'>, now: Micros): void {
    const isLong = lent.askAgainAt > now + HORIZON_US
    const kept: RateClaim = {
      ...claim,
      ahead: [...claim.ahead, ...lent.slots],
      until: micros(lent.askAgainAt + CLAIM_US),
    }
    for (const key of claim.keys) {
      if (isLong && key !== lent.binds) this.#claimsOf(key).delete(name, claim)
      else this.#claimsOf(key).set(name, kept, lent.slots.length > 0)
    }
    this.#claims.set(name, kept)
  }

  #drop(name: string, claim: RateClaim): void {
    this.#claims.delete(name)
    for (const key of claim.keys) this.#claimsOf(key).delete(name, claim)
  }

  #claimsOf(key: string): RateClaims {
    let claims = this.#claimsByKey.get(key)
    if (claims === undefined) {
      claims = new RateClaims()
      this.#claimsByKey.set(key, claims)
    }
    return claims
  }

  /** Of workers that have gone, and lanes on which nothing waits any more. */
  #sweep(now: Micros): void {
    this.#sweepAt = now + CLAIM_US
    for (const [name, claim] of this.#claims) if (claim.until <= now) this.#drop(name, claim)
    for (const [key, claims] of this.#claimsByKey)
      if (claims.size === 0) this.#claimsByKey.delete(key)
  }
}
