// SPDX-License-Identifier: Apache-2.0
/**
 * A set of keys that may say "perhaps" of a key that is not in it, and never "no" of one that is: a split block Bloom filter,
 * as Apache Parquet specifies it (BloomFilter.md). All eight bits of a key lie in one block of 32 octets, so that a look-up
 * costs one cache line. Nothing can be taken out.
 *
 * Keys are octets that are spread evenly already, at least 8: hashes. With 12 bits for each, "perhaps" is wrong once in 200.
 */

const BITS_PER_KEY = 12
const WORDS = 8
const BLOCK_OCTETS = WORDS * 4

/** Odd constants of the specification, one for each word of a block. */
const SALTS = [
  0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31,
] as const

export class BloomFilter {
  readonly #words: Uint32Array
  readonly #blocks: number
  #size = 0

  /** `capacity`: keys that it is meant for; with more it says "perhaps" more often. */
  constructor(capacity: number) {
    this.#blocks = Math.max(1, Math.ceil((capacity * BITS_PER_KEY) / 8 / BLOCK_OCTETS))
    this.#words = new Uint32Array(this.#blocks * WORDS)
  }

  static octetsFor(capacity: number): number {
    return Math.ceil((capacity * BITS_PER_KEY) / 8)
  }

  /** How often something was added. */
  get size(): number {
    return this.#size
  }

  add(key: Uint8Array): void {
    const at = this.#blockAt(key)
    const low = word(key, 4)
    for (let index = 0; index < WORDS; index++) {
      const bit = Math.imul(low, SALTS[index] ?? 0) >>> 27
      this.#words[at + index] = (this.#words[at + index] ?? 0) | (1 << bit)
    }
    this.#size++
  }

  mayHave(key: Uint8Array): boolean {
    const at = this.#blockAt(key)
    const low = word(key, 4)
    for (let index = 0; index < WORDS; index++) {
      const bit = Math.imul(low, SALTS[index] ?? 0) >>> 27
      if (((this.#words[at + index] ?? 0) & (1 << bit)) === 0) return false
    }
    return true
  }

  /** Where the block of `key` begins: its first 32 bits as a fraction of all blocks. */
  #blockAt(key: Uint8Array): number {
    return Math.floor(((word(key, 0) >>> 0) / 2 ** 32) * this.#blocks) * WORDS
  }
}

/** Four octets as 32 bits. */
function word(key: Uint8Array, at: number): number {
  return (
    ((key[at] ?? 0) << 24) |
    ((key[at + 1] ?? 0) << 16) |
    ((key[at + 2] ?? 0) << 8) |
    (key[at + 3] ?? 0)
  )
}
