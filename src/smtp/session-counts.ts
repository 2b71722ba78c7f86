// SPDX-License-Identifier: Apache-2.0
/** Open sessions of each network, up to a limit. */
import type { PeerNetwork } from './peer-address.ts'

export class SessionCounts {
  readonly #limit: number
  readonly #counts = new Map<PeerNetwork, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** `false`, and nothing is counted, where the limit is reached. `null` is never counted. */
  enter(network: PeerNetwork | null): boolean {
    if (network === null) return true
    const count = this.#counts.get(network) ?? 0
    if (count >= this.#limit) return false
    this.#counts.set(network, count + 1)
    return true
  }

  leave(network: PeerNetwork | null): void {
    if (network === null) return
    const count = this.#counts.get(network) ?? 0
    if (count > 1) this.#counts.set(network, count - 1)
    else this.#counts.delete(network)
  }
}
