// SPDX-License-Identifier: Apache-2.0
/**
 * Requests of each key within a minute, in one of several workers: some of its own, more by loans of control's ledger. While nobody lends,
 * each worker goes by an equal share of the limit.
 *
 * Known limit: in a minute in which control goes or comes, what was lent before and the shares may come together, to less than
 * twice the limit.
 */
import type { Clock } from '../../base/clock.ts'
import { httpLimits } from '../../base/limits/http-limits.ts'
import { type RateState, type RequestRates, rateState, WINDOW_S } from './rate-windows.ts'
import { type Loan, ownRequests, windowAt } from './request-ledger.ts'

/** Rejects where nobody answers in good time. */
export type AskForRequests = (key: string, window: number) => Promise<Loan>

interface Lent {
  readonly window: number
  used: number
  /** Its own, and what was lent. */
  allowed: number
  /** What others may still have of the ledger, as it said last. */
  left: number
  /** There is nothing more to be had in this minute. */
  isFinal: boolean
  asking: Promise<void> | null
}

export interface LentRequestParts {
  readonly clock: Pick<Clock, 'monotonic'>
  /** A minute, of all processes together. */
  readonly limit: number
  readonly workers: number
  readonly ask: AskForRequests
}

export class LentRequests implements RequestRates {
  readonly #parts: LentRequestParts
  readonly #lent = new Map<string, Lent>()

  constructor(parts: LentRequestParts) {
    this.#parts = parts
  }

  take(key: string): RateState | Promise<RateState> {
    const lent = this.#of(key)
    const mayGo = lent.used < lent.allowed
    if (!mayGo && !lent.isFinal) return this.#takeLater(key, lent)
    if (mayGo) lent.used++
    const { clock, limit } = this.#parts
    const leftMs = (lent.window + 1) * WINDOW_S * 1_000 - clock.monotonic()
    return rateState(!mayGo, limit, lent.allowed - lent.used + lent.left, leftMs)
  }

  /** Those that wait for one answer share what it brings. */
  async #takeLater(key: string, lent: Lent): Promise<RateState> {
    lent.asking ??= this.#ask(key, lent)
    await lent.asking
    return await this.take(key)
  }

  async #ask(key: string, lent: Lent): Promise<void> {
    const { ask, limit, workers } = this.#parts
    try {
      const { granted, isLending, left } = await ask(key, lent.window)
      lent.allowed += granted
      lent.left = left
      lent.isFinal = granted === 0
      if (!isLending) lent.allowed = Math.max(lent.allowed, Math.floor(limit / workers))
    } catch {
      // Control is away.
      lent.left = 0
      lent.allowed = Math.max(lent.allowed, Math.floor(limit / workers))
      lent.isFinal = true
    }
    lent.asking = null
  }

  #of(key: string): Lent {
    const { clock, limit, workers } = this.#parts
    const window = windowAt(clock.monotonic())
    const known = this.#lent.get(key)
    if (known?.window === window) return known
    const allowed = ownRequests(limit, workers)
    // Nobody has asked yet: as far as is known all of the ledger is left.
    const left = limit - allowed * workers
    const fresh = { window, used: 0, allowed, left, isFinal: false, asking: null }
    this.#lent.delete(key)
    this.#lent.set(key, fresh)
    if (this.#lent.size > httpLimits.rateWindows) this.#forgetOldest()
    return fresh
  }

  #forgetOldest(): void {
    const oldest = this.#lent.keys().next()
    if (!oldest.done) this.#lent.delete(oldest.value)
  }
}
