// SPDX-License-Identifier: Apache-2.0
/**
 * Hashes of all suppressed addresses, in a few octets each: says "perhaps" or "surely not". It grows by layers, each twice as
 * large as all before it, up to `suppressionLimits.filterOctets`; then the last one says "perhaps" more and more often.
 */
import { BloomFilter } from '../../base/bloom-filter.ts'
import { suppressionLimits } from '../../base/limits/record-limits.ts'

interface Layer {
  readonly filter: BloomFilter
  readonly capacity: number
}

export class SuppressionFilter {
  readonly #layers: [Layer, ...Layer[]]
  #octets: number
  #size = 0

  /** `expected`: how many there are to begin with. */
  constructor(expected: number) {
    const capacity = Math.max(expected * 1.25, suppressionLimits.filterLeast)
    this.#octets = 0
    this.#layers = [this.#layer(capacity)]
  }

  get isEmpty(): boolean {
    return this.#size === 0
  }

  add(hash: Uint8Array): void {
    let last = this.#layers.at(-1) ?? this.#layers[0]
    if (last.filter.size >= last.capacity && this.#hasRoom) {
      last = this.#layer(this.#layers.reduce((sum, { capacity }) => sum + 2 * capacity, 0))
      this.#layers.push(last)
    }
    last.filter.add(hash)
    this.#size++
  }

  mayHave(hash: Uint8Array): boolean {
    if (this.#size === 0) return false
    for (const { filter } of this.#layers) if (filter.mayHave(hash)) return true
    return false
  }

  get #hasRoom(): boolean {
    return this.#octets < suppressionLimits.filterOctets
  }

  #layer(wanted: number): Layer {
    const room = suppressionLimits.filterOctets - this.#octets
    const share = Math.min(1, room / BloomFilter.octetsFor(wanted))
    const capacity = Math.ceil(wanted * share)
    this.#octets += BloomFilter.octetsFor(capacity)
    return { filter: new BloomFilter(capacity), capacity }
  }
}
