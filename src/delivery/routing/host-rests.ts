// SPDX-License-Identifier: Apache-2.0
/**
 * Addresses of hosts that do not work rest for all sites and queues: while they do, an attempt tries them last. As the
 * path that fails as a whole backs off, so does the one host that fails beside others that work.
 *
 *   working ──failed──▶ resting ──time──▶ probed by one ──failed──▶ resting, longer
 *      ▲                   └──────worked──────┴──────────worked──────────▶ working
 */
import { type DurationMs, minutes, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { clientLimits } from '../../base/limits/limits.ts'
import { TtlCache } from '../../base/ttl-cache.ts'

const RESTS: readonly DurationMs[] = [minutes(1), minutes(5), minutes(15), minutes(30)]
/** Whoever asks first after a rest tries the host; for so long the others still leave it. */
const PROBE = minutes(1)
/** A rest is remembered for so long after, lest the next one be a first one. */
const REMEMBERED = minutes(10)

interface Rest {
  /** Monotonic. */
  readonly until: number
  readonly taken: number
  readonly isProbed: boolean
}

export class HostRests {
  readonly #clock: Clock
  readonly #rests: TtlCache<Rest>

  constructor(clock: Clock) {
    this.#clock = clock
    this.#rests = new TtlCache(clock, clientLimits.restingHosts)
  }

  /** Asked once before an attempt; the first to ask after a rest is told that it is over. */
  isResting(host: string): boolean {
    const rest = this.#rests.get(host)?.value
    if (rest === undefined) return false
    if (rest.until > this.#clock.monotonic()) return true
    this.#set(host, { taken: rest.taken, isProbed: true }, PROBE)
    return false
  }

  failed(host: string): void {
    const rest = this.#rests.get(host)?.value
    const taken = rest?.taken ?? 0
    const isOneOfMany = rest !== undefined && !rest.isProbed
    if (isOneOfMany && rest.until > this.#clock.monotonic()) return
    const length = RESTS[Math.min(taken, RESTS.length - 1)] ?? PROBE
    this.#set(host, { taken: taken + 1, isProbed: false }, length)
  }

  worked(host: string): void {
    this.#rests.delete(host)
  }

  #set(host: string, rest: Omit<Rest, 'until'>, length: DurationMs): void {
    const until = this.#clock.monotonic() + length
    this.#rests.set(host, { ...rest, until }, ms(length + REMEMBERED))
  }
}
