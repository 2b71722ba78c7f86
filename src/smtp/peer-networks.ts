// SPDX-License-Identifier: Apache-2.0
/** Networks that an operator has named, and whether an address is in one of them. */
import { BlockList, isIPv6 } from 'node:net'

/** Addresses that share their first `prefix` bits. */
export interface PeerPrefix {
  readonly address: string
  readonly prefix: number
  readonly family: 4 | 6
}

export class PeerNetworks {
  readonly #list = new BlockList()
  readonly #isEmpty: boolean

  constructor(networks: readonly PeerPrefix[]) {
    this.#isEmpty = networks.length === 0
    for (const { address, prefix, family } of networks)
      this.#list.addSubnet(address, prefix, `ipv${family}`)
  }

  has(address: string): boolean {
    if (this.#isEmpty) return false
    return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }
}
