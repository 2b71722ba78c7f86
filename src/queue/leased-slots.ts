// SPDX-License-Identifier: Apache-2.0
/**
 * A worker's side of the ledger: keeps what was lent for each site, renews it in time, and asks for all sites at once.
 * While the ledger does not answer, the worker lives on its fallback share; no mail waits for an answer longer than
 * it takes to notice.
 */
import { type DurationMs, ms, seconds } from '../base/brand.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { LEASE, type SlotAsk, type SlotGrant } from './connection-ledger.ts'
import { type ConnectionSlots, fallbackShare } from './connection-slots.ts'

/** Between two askings; a lease outlives several. */
const RENEW: DurationMs = seconds(1)
/** For everything that one round of the event loop wants to be asked together. */
const GATHER: DurationMs = ms(1)

/** Puts the question to the ledger; rejects where nobody answers. */
export type AskLedger = (asks: readonly SlotAsk[]) => Promise<readonly SlotGrant[]>

interface SiteSlots {
  used: number
  wanted: number
  /** What the last question said was wanted. */
  asked: number
  slots: number
  /** Monotonic: when the lease ends. */
  until: number
  onChange: () => void
}

export class LeasedSlots implements ConnectionSlots {
  readonly #ask: AskLedger
  readonly #clock: Clock
  readonly #fallback: () => number
  readonly #sites = new Map<string, SiteSlots>()
  #isAsking = false
  /** Of the next question, and when that is; monotonic. */
  #timer: Timer | null = null
  #asksAt = Number.POSITIVE_INFINITY
  /** The last question got no answer. */
  #isAlone = false

  constructor(options: {
    readonly ask: AskLedger
    readonly clock: Clock
    readonly limit: () => number
    readonly index: number
    readonly count: number
  }) {
    this.#ask = options.ask
    this.#clock = options.clock
    this.#fallback = () => fallbackShare(options.limit(), options.index, options.count)
  }

  allowed(site: string, used: number, wanted: number, onChange: () => void): number {
    let known = this.#sites.get(site)
    if (!known) {
      known = { used, wanted, asked: 0, slots: 0, until: Number.NEGATIVE_INFINITY, onChange }
      this.#sites.set(site, known)
    }
    known.used = used
    known.wanted = wanted
    known.onChange = onChange
    const slots = this.#slotsNow(known)
    // More than twice of what was asked for does not wait for the next renewal.
    if (wanted > slots) this.#schedule(wanted > 2 * known.asked ? GATHER : RENEW)
    return slots
  }

  #slotsNow(known: SiteSlots): number {
    if (this.#isAlone) return this.#fallback()
    return known.until > this.#clock.monotonic() ? known.slots : 0
  }

  #schedule(delay: DurationMs): void {
    const at = this.#clock.monotonic() + delay
    if (this.#isAsking || at >= this.#asksAt) return
    this.#timer?.cancel()
    this.#asksAt = at
    this.#timer = this.#clock.after(delay, () => {
      this.#asksAt = Number.POSITIVE_INFINITY
      void this.#renew()
    })
  }

  /** Never rejects. */
  async #renew(): Promise<void> {
    this.#isAsking = true
    for (const known of this.#sites.values()) known.asked = known.wanted
    const asked = [...this.#sites].map(([site, { used, wanted }]) => ({ site, used, wanted }))
    const before = new Map([...this.#sites].map(([site, known]) => [site, this.#slotsNow(known)]))
    try {
      this.#learn(await this.#ask(asked))
      this.#isAlone = false
    } catch {
      // Nobody answers: control is being replaced.
      this.#isAlone = true
    }
    this.#isAsking = false
    for (const [site, known] of this.#sites)
      if (this.#slotsNow(known) !== before.get(site)) known.onChange()
    if (this.#sites.size > 0) this.#schedule(RENEW)
  }

  #learn(grants: readonly SlotGrant[]): void {
    const until = this.#clock.monotonic() + LEASE
    for (const { site, slots } of grants) {
      const known = this.#sites.get(site)
      if (!known) continue
      known.slots = slots
      known.until = until
      if (known.used === 0 && known.wanted === 0) this.#sites.delete(site)
    }
  }
}
