// SPDX-License-Identifier: Apache-2.0
/** Whose mail a network may submit without AUTH. None by default: nobody unauthenticated relays anything. */
import { BlockList, isIPv6 } from 'node:net'
import type { Slug } from '../records/records.ts'

export interface TrustedNetwork {
  readonly network: { readonly address: string; readonly family: 4 | 6; readonly prefix: number }
  readonly tenant: Slug
  /** `null`: the tenant's default stream. */
  readonly stream: Slug | null
}

export class TrustedNetworks {
  readonly #entries: readonly { readonly list: BlockList; readonly trusted: TrustedNetwork }[]

  constructor(networks: readonly TrustedNetwork[]) {
    this.#entries = networks.map((trusted) => ({ list: listOf(trusted.network), trusted }))
  }

  /** The first network that holds the address. */
  find(address: string): TrustedNetwork | null {
    if (this.#entries.length === 0) return null
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address
    const family = isIPv6(plain) ? 'ipv6' : 'ipv4'
    for (const { list, trusted } of this.#entries) if (list.check(plain, family)) return trusted
    return null
  }
}

function listOf({ address, family, prefix }: TrustedNetwork['network']): BlockList {
  const list = new BlockList()
  list.addSubnet(address, prefix, `ipv${family}`)
  return list
}
