// SPDX-License-Identifier: Apache-2.0
/** What a provider remembers of its clients: how fast they send, and whom they have tried before. Bounded. */
import type { DurationMs } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { sinkLimits } from '../../base/limits/limits.ts'
import type { RateSpec } from '../../base/quantity.ts'
import { BoundedMap } from './bounded-map.ts'

/** A bucket for each client, filled at the rate and as deep as one period. */
export class RateMeter {
  readonly #clock: Clock
  readonly #rate: RateSpec
  readonly #buckets = new BoundedMap<string, { readonly left: number; readonly at: number }>(
    sinkLimits.clients,
  )

  constructor(rate: RateSpec, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Takes one from the client's bucket; `false` where it is empty. */
  allows(client: string): boolean {
    const at = this.#clock.monotonic()
    const bucket = this.#buckets.get(client) ?? { left: this.#rate.count, at }
    const filled = bucket.left + ((at - bucket.at) * this.#rate.count) / this.#rate.per
    const left = Math.min(this.#rate.count, filled)
    this.#buckets.set(client, { left: left >= 1 ? left - 1 : left, at })
    return left >= 1
  }
}

/** Triplets of client, reverse-path and recipient (RFC 6647 §2.3), and when each was first seen. */
export class Greylist {
  readonly #clock: Clock
  readonly #delay: DurationMs
  readonly #firstSeen = new BoundedMap<string, number>(sinkLimits.triplets)

  constructor(delay: DurationMs, clock: Clock) {
    this.#delay = delay
    this.#clock = clock
  }

  allows(client: string, reversePath: string, recipient: string): boolean {
    const triplet = `${client} ${reversePath} ${recipient}`
    const now = this.#clock.monotonic()
    const firstSeen = this.#firstSeen.get(triplet)
    if (firstSeen === undefined) this.#firstSeen.set(triplet, now)
    return firstSeen !== undefined && now - firstSeen >= this.#delay
  }
}
