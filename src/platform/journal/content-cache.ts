// SPDX-License-Identifier: Apache-2.0
/** Fresh content in memory for its first attempt. Bounded: the oldest goes first, and is read from the disk instead. */
import type { Resident } from './resident.ts'

export class ContentCache {
  readonly #limitOctets: number
  /** In order of reception. */
  readonly #residents = new Set<Resident>()
  #octets = 0

  constructor(limitOctets: number) {
    this.#limitOctets = limitOctets
  }

  add(resident: Resident, signature: Uint8Array, body: Uint8Array): void {
    resident.fresh = { signature, body }
    this.#residents.add(resident)
    this.#octets += body.byteLength
    for (const oldest of this.#residents) {
      if (this.#octets <= this.#limitOctets) return
      this.drop(oldest)
    }
  }

  drop(resident: Resident): void {
    if (!this.#residents.delete(resident)) return
    this.#octets -= resident.fresh?.body.byteLength ?? 0
    resident.fresh = null
  }
}
