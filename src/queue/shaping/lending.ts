// SPDX-License-Identifier: Apache-2.0
/**
 * What workers and the ledger say to each other, and the times that both keep to. A worker that has lost the ledger paces itself
 * by its share of each limit, and a ledger that has lost its memory lends nothing until such workers have heard of it: at
 * no instant do both count.
 *
 *   worker:  lent ──no answer──▶ on its own ──a ledger that lends──▶ lent
 *   ledger:  silent ──KNOWS_ALL──▶ lending ──has heard nobody for SILENCE──▶ silent
 */
import { type DurationMs, type Micros, micros, ms, seconds } from '../../base/brand.ts'
import type { RateLimit } from '../../base/quantity.ts'
import { slackOf } from './gcra.ts'
import type { Demand, KeyedRate } from './rates.ts'

/** Which of how many workers one is. */
export interface WorkerSeat {
  readonly index: number
  readonly count: number
}

/** For everything that one round of the event loop wants to be asked together. */
export const GATHER: DurationMs = ms(1)
/** Between two askings, whatever is wanted. */
export const RENEW: DurationMs = seconds(1)
/** Slots are lent so far ahead: what a worker that dies costs, and what a receipt in another worker may have to wait. */
export const HORIZON: DurationMs = seconds(0.5)
/** A worker that is on its own stops when it has not tried to ask for so long: it may have slept through the ledger's return. */
export const ALONE: DurationMs = seconds(2)
/** After its start a ledger lends nothing for so long: until then every worker that works has asked, and been told. */
export const KNOWS_ALL: DurationMs = seconds(5)
/** Workers ask every `RENEW`; a ledger that has heard nobody for so long was not there. */
export const SILENCE: DurationMs = seconds(2.5)

export interface RateAsk {
  /** Unique within the worker. */
  readonly lane: string
  readonly limits: readonly KeyedRate[]
  readonly demand: Demand
}

export interface RateGrant {
  readonly lane: string
  /** Monotonic, in order: each may be used once, from then on, for as long as the slack of every limit allows. */
  readonly slots: readonly Micros[]
  /** Before then there is nothing more to get; monotonic. */
  readonly askAgainAt: Micros
  /** Key of the limit that kept it from more; `null`: it got all that it asked for. */
  readonly binds: string | null
}

/** How a worker stands to the ledger. */
export interface Lender {
  /** Nobody lends: shares of the limits are the worker's own. */
  readonly isAlone: boolean
  /** Since when that is so; monotonic. */
  readonly aloneSince: DurationMs
  /** A question is to be put no later than at `at`, monotonic. */
  want(at: DurationMs): void
}

/**
 * Between what was sent by shares and what is sent by slots of the ledger, or the other way round, a limit rests so long: each
 * of the workers may have sent one by its share, and been as late as may be, just before. With it a window of the
 * limit's period that holds parts of both holds no more than any other; a whole period is always enough.
 */
export function restBetween(limit: RateLimit, workers: number): Micros {
  const period = limit.per * 1_000
  const slack = slackOf({ ...limit, count: 1 })
  const slot = (period + slack) / limit.count
  const rest = slack + (Math.min(workers, limit.count) + limit.burst) * slot
  return micros(Math.ceil(Math.min(rest, period + slack)))
}

/** What a worker may send by itself. */
export interface RateShare extends RateLimit {
  readonly whole: RateLimit
}

/** Together workers stay within the limit. `null`: nothing. */
export function ownShare(whole: RateLimit, { index, count }: WorkerSeat): RateShare | null {
  const share = fallbackShare(whole.count, index, count)
  return share === 0 ? null : { count: share, per: whole.per, burst: 1, whole }
}

/** What worker `index` of `count` may use while nobody can be asked: together they stay within the limit. */
export function fallbackShare(limit: number, index: number, count: number): number {
  const share = Math.floor(limit / count)
  return index === 0 ? share + (limit % count) : share
}
