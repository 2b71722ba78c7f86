// SPDX-License-Identifier: Apache-2.0
/** In which ranges of the rules an address is: one look-up for each length of prefix that some rule has. */
import { type AddressRange, firstOctets, parseRange } from '../../protocol/address-range.ts'
import { parseAddress } from '../../protocol/spf/client-address.ts'

export class RangeTable {
  readonly #ranges = new Map<string, AddressRange>()
  readonly #prefixes: Readonly<Record<4 | 6, Set<number>>> = { 4: new Set(), 6: new Set() }
  /** The addresses of a host are one array for as long as its route holds. */
  readonly #seen = new WeakMap<readonly string[], readonly (readonly AddressRange[])[]>()

  /** `texts`: ranges as `parseRange` spells them. */
  constructor(texts: Iterable<string>) {
    for (const text of texts) {
      const range = parseRange(text)
      if (range === null) continue
      const { first, prefix } = range
      this.#prefixes[first.family].add(prefix)
      this.#ranges.set(keyOf(first.octets, prefix), range)
    }
  }

  get size(): number {
    return this.#ranges.size
  }

  /** For each address those that it is in. */
  of(addresses: readonly string[]): readonly (readonly AddressRange[])[] {
    const seen = this.#seen.get(addresses)
    if (seen !== undefined) return seen
    const found = addresses.map((address) => this.#rangesOf(address))
    this.#seen.set(addresses, found)
    return found
  }

  #rangesOf(text: string): readonly AddressRange[] {
    const address = parseAddress(text)
    if (address === null) return []
    return [...this.#prefixes[address.family]].flatMap(
      (prefix) => this.#ranges.get(keyOf(firstOctets(address, prefix), prefix)) ?? [],
    )
  }
}

function keyOf(octets: readonly number[], prefix: number): string {
  return `${octets.join('.')}/${prefix}`
}
