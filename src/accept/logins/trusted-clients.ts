// SPDX-License-Identifier: Apache-2.0
/**
 * Whose mail a client may submit without AUTH, by its network, by a name in its verified certificate, or by both. None by
 * default: nobody unauthenticated relays anything.
 */
import type { X509Certificate } from 'node:crypto'
import type { Slug } from '../../records/records.ts'
import { PeerNetworks, type PeerPrefix } from '../../smtp/peer-networks.ts'

export interface TrustedClient {
  /** `null`: any, where `certificate` is not `null`. */
  readonly network: PeerPrefix | null
  /** A DNS name; `null`: none is needed. */
  readonly certificate: string | null
  readonly tenant: Slug
  /** `null`: the tenant's default stream. */
  readonly stream: Slug | null
}

export class TrustedClients {
  readonly #entries: readonly { readonly networks: PeerNetworks; readonly trusted: TrustedClient }[]

  constructor(clients: readonly TrustedClient[]) {
    this.#entries = clients.map((trusted) => ({
      networks: new PeerNetworks(trusted.network === null ? [] : [trusted.network]),
      trusted,
    }))
  }

  /** The first that fits. `certificate` is one that was verified. */
  find(address: string, certificate: X509Certificate | null): TrustedClient | null {
    for (const { networks, trusted } of this.#entries) {
      const { network, certificate: name } = trusted
      const isNear = network === null || networks.has(address)
      const isNamed = name === null || certificate?.checkHost(name) !== undefined
      if (isNear && isNamed && (network !== null || name !== null)) return trusted
    }
    return null
  }
}
