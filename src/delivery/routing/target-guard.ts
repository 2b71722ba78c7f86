// SPDX-License-Identifier: Apache-2.0
/**
 * Where no mail goes because the DNS, or an address literal, says so: networks that the operator has named, such as
 * loopback, and our own listeners, which would give the mail to us again. A configured route is the operator's word and may lead anywhere.
 */
import type { PeerNetworks } from '../../smtp/peer-networks.ts'

/** `own`: we would talk to ourselves. */
export type Verdict = 'free' | 'refused' | 'own'

export interface TargetGuardOptions {
  readonly refused: PeerNetworks
  /** Names by which this relay is known, lower case. */
  readonly ownNames: readonly string[]
  /** Where it listens for mail, `0.0.0.0` and `::` for every address. */
  readonly listeners: readonly { readonly host: string; readonly port: number }[]
  /** Of this machine. */
  readonly ownAddresses: readonly string[]
}

export class TargetGuard {
  readonly #refused: PeerNetworks
  readonly #ownNames: ReadonlySet<string>
  readonly #ownPorts: ReadonlySet<number>
  readonly #endpoints: ReadonlySet<string>

  constructor({ refused, ownNames, listeners, ownAddresses }: TargetGuardOptions) {
    this.#refused = refused
    this.#ownNames = new Set(ownNames)
    this.#ownPorts = new Set(listeners.map(({ port }) => port))
    this.#endpoints = new Set(
      listeners.flatMap(({ host, port }) =>
        [host, ...(host === '0.0.0.0' || host === '::' ? ownAddresses : [])].map(
          (address) => `${address} ${port}`,
        ),
      ),
    )
  }

  /** By its name too, for behind a translated address we do not know our own. */
  of(host: string, address: string, port: number): Verdict {
    if (this.#endpoints.has(`${address} ${port}`)) return 'own'
    if (this.#ownPorts.has(port) && this.#ownNames.has(host)) return 'own'
    return this.#refused.has(address) ? 'refused' : 'free'
  }
}
