// SPDX-License-Identifier: Apache-2.0
/**
 * Lends connections to workers, so that together they stay within the limits of a path and of its provider. A lease lasts
 * `LEASE` and is renewed while it is used; what a worker still has open counts until it says that it is closed, so the sum
 * never exceeds a limit. Who waits for some makes the others shrink to a fair share, those of higher classes first; where
 * there are fewer than claims, they go round. Times are those of the monotonic clock.
 */
import { type DurationMs, ms, seconds } from '../../base/brand.ts'
import type { KeyedLimit } from './connection-slots.ts'
import { fallbackShare } from './lending.ts'
import type { Demand } from './rates.ts'

export const LEASE: DurationMs = seconds(5)
/** How long a slot stays with a claim while another one of its class without any waits. */
const TURN: DurationMs = seconds(10)
/** Who has waited so long is served whatever class the others are of. */
const LONGEST_WAIT: DurationMs = seconds(20)

export interface SlotAsk {
  /** Unique within the worker. */
  readonly lane: string
  readonly limits: readonly KeyedLimit[]
  /** Open now. */
  readonly used: number
  /** `waiting`: those that there is work for, the open ones among them. */
  readonly demand: Demand
}

export interface SlotGrant {
  readonly lane: string
  readonly slots: number
  /** Key of the limit that kept it from more; `null`: it got all that it wanted. */
  readonly binds: string | null
}

interface Claim {
  readonly keys: readonly string[]
  readonly used: number
  readonly wanted: number
  readonly highestClass: number
  readonly slots: number
  readonly until: DurationMs
  /** Since when it has slots, or has none, without a break. */
  readonly since: DurationMs
}

export class ConnectionLedger {
  readonly #workers: number
  /** By key, then by worker and lane. */
  readonly #claims = new Map<string, Map<string, Claim>>()

  constructor(workers: number) {
    this.#workers = workers
  }

  /** `knowsAll`: every worker has said what it has since the start; before, shares alone are lent. */
  ask(
    worker: number,
    asks: readonly SlotAsk[],
    now: DurationMs,
    knowsAll: boolean,
  ): readonly SlotGrant[] {
    return asks.map((ask) => this.#grant(worker, ask, now, knowsAll))
  }

  /** How many times the connections of `worker` all of them are that count for `key`; at least 1. */
  timesOwn(worker: number, key: string): number {
    let own = 0
    let all = 0
    for (const [name, { used }] of this.#claims.get(key) ?? []) {
      all += used
      if (name.startsWith(`${worker} `)) own += used
    }
    return own === 0 ? 1 : all / own
  }

  #grant(worker: number, ask: SlotAsk, now: DurationMs, knowsAll: boolean): SlotGrant {
    const name = `${worker} ${ask.lane}`
    const wanted = ask.demand.waiting
    let slots = wanted
    let binds: string | null = null
    let before: Claim | undefined
    for (const { key, limit } of ask.limits) {
      const claims = this.#claimsOf(key, now)
      before = claims.get(name) ?? before
      claims.delete(name)
      const share = knowsAll ? limit : fallbackShare(limit, worker, this.#workers)
      const most = Math.min(share, slotsFor(ask, before, [...claims.values()], limit, now))
      if (most >= slots) continue
      slots = most
      binds = key
    }
    const keys = ask.limits.map(({ key }) => key)
    if (ask.used > 0 || wanted > 0) {
      const since = before && before.slots > 0 === slots > 0 ? before.since : now
      const until = ms(now + LEASE)
      const { highestClass } = ask.demand
      const claim = { keys, used: ask.used, wanted, highestClass, slots, until, since }
      for (const key of keys) this.#claimsOf(key, now).set(name, claim)
    } else for (const key of keys) if (this.#claims.get(key)?.size === 0) this.#claims.delete(key)
    return { lane: ask.lane, slots, binds }
  }

  #claimsOf(key: string, now: DurationMs): Map<string, Claim> {
    let claims = this.#claims.get(key)
    if (!claims) {
      claims = new Map()
      this.#claims.set(key, claims)
    }
    for (const [name, claim] of claims) if (claim.until <= now) claims.delete(name)
    return claims
  }
}

function slotsFor(
  { demand }: SlotAsk,
  before: Claim | undefined,
  others: readonly Claim[],
  limit: number,
  now: DurationMs,
): number {
  const held = others.reduce((sum, claim) => sum + Math.max(claim.slots, claim.used), 0)
  const most = Math.min(demand.waiting, Math.max(0, limit - held))
  if (!others.some((claim) => claim.wanted > claim.slots)) return most
  const { highestClass } = demand
  const own = rankOf({ highestClass, slots: before?.slots ?? 0, since: before?.since ?? now }, now)
  if (own === OVERDUE) return Math.min(most, 1)
  const wanting = others.filter((claim) => claim.wanted > 0)
  const higher = wanting.filter((claim) => rankOf(claim, now) < own)
  const equal = wanting.filter((claim) => rankOf(claim, now) === own)
  const room = limit - higher.reduce((sum, claim) => sum + claim.wanted, 0)
  const fair = Math.floor(room / (equal.length + 1))
  if (fair > 0) return Math.min(most, fair)
  return isItsTurn(own, before, others, now) ? Math.min(most, 1) : 0
}

/** Goes before every class. */
const OVERDUE = -1

/** Its class; but who has waited very long goes first, for one connection. */
function rankOf(
  { highestClass, slots, since }: Pick<Claim, 'highestClass' | 'slots' | 'since'>,
  now: DurationMs,
): number {
  return slots === 0 && now - since >= LONGEST_WAIT ? OVERDUE : highestClass
}

/**
 * Fewer slots than claims: who has one keeps it for a turn, then it goes to who has waited longest. Those of a higher class are
 * called back from lower ones at once.
 */
function isItsTurn(
  own: number,
  before: Claim | undefined,
  others: readonly Claim[],
  now: DurationMs,
): boolean {
  const since = before?.since ?? now
  const isHolder = before !== undefined && before.slots > 0
  const isTurnOver = now - since >= TURN
  return !others.some((claim) => {
    if (claim.slots > 0 || claim.wanted === 0) return false
    const other = rankOf(claim, now)
    if (!isHolder) return other < own || (other === own && claim.since < since)
    return isTurnOver ? other <= own : other < own && other !== OVERDUE
  })
}
