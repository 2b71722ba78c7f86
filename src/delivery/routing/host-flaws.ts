// SPDX-License-Identifier: Apache-2.0
/**
 * What hosts offer and cannot do, remembered for a while, so that not every session learns it by failing. Without STARTTLS
 * opportunistic TLS means clear text (RFC 7435 §3); without PIPELINING each command waits for its reply.
 */
import { ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { clientLimits } from '../../base/limits/limits.ts'
import { TtlCache } from '../../base/ttl-cache.ts'

export type Flaw = 'tls' | 'pipelining'

export class HostFlaws {
  /** Key: the flaw and the host's name, `mx1.example.net[192.0.2.1]:25`. */
  readonly #known: TtlCache<true>

  constructor(clock: Clock) {
    this.#known = new TtlCache(clock, clientLimits.flawedHosts)
  }

  has(flaw: Flaw, host: string): boolean {
    return this.#known.get(`${flaw} ${host}`) !== null
  }

  remember(flaw: Flaw, host: string): void {
    this.#known.set(`${flaw} ${host}`, true, ms(clientLimits.flawMs))
  }
}
