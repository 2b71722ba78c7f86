// SPDX-License-Identifier: Apache-2.0
/**
 * How much strangers may take of us: what each network brings that no token vouches for is charged, and so is what all of
 * them bring together. A debt grows with each mail and is paid off by time; whoever owes too much comes later.
 *
 * Known limits: each worker counts alone, and what it knows is gone with it.
 */
import type { Clock } from '../base/clock.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'
import { type PeerNetwork, peerNetwork } from '../smtp/peer-address.ts'

const HOUR_MS = 3_600_000

export interface Allowances {
  readonly ofPeerAnHour: number
  readonly ofAllAnHour: number
}

/** Of our disk, in octets. */
export const diskAllowances: Allowances = {
  ofPeerAnHour: feedbackLimits.octetsPerPeerHour,
  ofAllAnHour: feedbackLimits.octetsPerHour,
}

export class PeerAllowance {
  readonly #clock: Clock
  readonly #allowances: Allowances
  /** Monotonic: when nothing is owed any more. The least recently charged is forgotten first. */
  readonly #paidAt = new Map<PeerNetwork, number>()
  #allPaidAt = 0

  constructor(clock: Clock, allowances: Allowances) {
    this.#clock = clock
    this.#allowances = allowances
  }

  /** `false`, and nothing is charged, where that is too much. */
  charge(address: string, amount: number): boolean {
    const { ofAllAnHour, ofPeerAnHour } = this.#allowances
    const now = this.#clock.monotonic()
    const network = peerNetwork(address)
    const own = owed(this.#paidAt.get(network) ?? 0, amount, ofPeerAnHour, now)
    const all = owed(this.#allPaidAt, amount, ofAllAnHour, now)
    if (own > HOUR_MS || all > HOUR_MS) return false
    this.#paidAt.delete(network)
    this.#paidAt.set(network, now + own)
    this.#allPaidAt = now + all
    if (this.#paidAt.size > feedbackLimits.peersRemembered)
      for (const oldest of this.#paidAt.keys()) {
        this.#paidAt.delete(oldest)
        break
      }
    return true
  }
}

/** In milliseconds, with `amount` more at so much an hour. */
function owed(paidAt: number, amount: number, amountPerHour: number, now: number): number {
  return Math.max(0, paidAt - now) + (amount / amountPerHour) * HOUR_MS
}
