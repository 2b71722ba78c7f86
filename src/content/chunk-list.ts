// SPDX-License-Identifier: Apache-2.0
/** Octets that are kept or go on, as chunks: large ones are views, small ones are gathered, so that lines cost no object each. */

/** More than this is worth a chunk of its own. */
const SMALL_OCTETS = 1_024
/** A buffer that they are gathered in, the first one and the largest: each is twice the one before, so that a list of little costs little. */
const GATHERED_OCTETS = { first: SMALL_OCTETS, most: 16_384 }

export class ChunkList {
  length = 0
  #chunks: Buffer[] = []
  /** Small ones are copied here, one behind the other; what was written is never changed. */
  #gathered = Buffer.alloc(0)
  #from = 0
  #to = 0

  push(octets: Buffer): void {
    this.length += octets.length
    if (octets.length > SMALL_OCTETS) {
      this.#closeGathered()
      this.#chunks.push(octets)
      return
    }
    if (this.#to + octets.length > this.#gathered.length) {
      this.#closeGathered()
      const { first, most } = GATHERED_OCTETS
      const octetsNow = Math.min(most, Math.max(first, this.#gathered.length * 2))
      this.#gathered = Buffer.allocUnsafe(octetsNow)
      this.#from = 0
      this.#to = 0
    }
    this.#to += octets.copy(this.#gathered, this.#to)
  }

  /** All of them; none of what was pushed at once is in two chunks. The list is empty then. */
  take(): readonly Buffer[] {
    this.#closeGathered()
    const chunks = this.#chunks
    this.#chunks = []
    this.length = 0
    return chunks
  }

  #closeGathered(): void {
    if (this.#to > this.#from) this.#chunks.push(this.#gathered.subarray(this.#from, this.#to))
    this.#from = this.#to
  }
}
