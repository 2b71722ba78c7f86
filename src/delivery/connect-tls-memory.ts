// SPDX-License-Identifier: Apache-2.0
/**
 * Hosts that offer STARTTLS and cannot do it. Opportunistic TLS then means clear text at once (RFC 7435 §3) instead of
 * a broken handshake before every session; after a while the host is tried anew.
 */
import type { Clock } from '../base/clock.ts'
import { clientLimits } from '../base/limits.ts'

export class BrokenTlsMemory {
  readonly #clock: Clock
  /** Monotonic time of forgetting, by host and port; the oldest entry comes first. */
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isBroken(host: string, port: number): boolean {
    const key = `${host}:${port}`
    const until = this.#until.get(key)
    if (until === undefined) return false
    if (until > this.#clock.monotonic()) return true
    this.#until.delete(key)
    return false
  }

  remember(host: string, port: number): void {
    const key = `${host}:${port}`
    this.#until.delete(key)
    this.#until.set(key, this.#clock.monotonic() + clientLimits.brokenTlsMs)
    if (this.#until.size <= clientLimits.brokenTlsHosts) return
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest)
      return
    }
  }
}
