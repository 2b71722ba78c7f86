// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the addresses of an endpoint's name, and refuses those that no stranger may have us call. What it gives is what is connected
 * to, so that a name which leads elsewhere a moment later gains nothing.
 */
import type { AddressRecord, Resolver } from '../../dns/resolver.ts'
import { isIpv4, isIpv6 } from '../../protocol/ip-address.ts'
import { specialRangeOf } from '../../protocol/public-address.ts'
import { PeerNetworks, type PeerPrefix } from '../../smtp/peer-networks.ts'

export type FoundAddresses =
  | { readonly kind: 'found'; readonly addresses: readonly AddressRecord[] }
  /** In a sentence. */
  | { readonly kind: 'none'; readonly why: string }

export interface AddressGuardOptions {
  /** Made for one question, and to be closed. */
  readonly resolver: () => Promise<Resolver>
  /** Where endpoints may be although that is none of the Internet. */
  readonly allowed: () => readonly PeerPrefix[]
}

export class AddressGuard {
  readonly #options: AddressGuardOptions

  constructor(options: AddressGuardOptions) {
    this.#options = options
  }

  /** Those that may be called. `host`: a name, or an address without brackets. */
  async find(host: string, isClear: boolean): Promise<FoundAddresses> {
    const found = await this.#addressesOf(host)
    if (found.kind === 'none') return found
    const allowed = new PeerNetworks(this.#options.allowed())
    const refusals: string[] = []
    const addresses = found.addresses.filter(({ address }) => {
      const refusal = refusalOf(address, isClear, allowed)
      if (refusal !== null) refusals.push(refusal)
      return refusal === null
    })
    return addresses.length > 0
      ? { kind: 'found', addresses }
      : { kind: 'none', why: refusals.join('; ') }
  }

  async #addressesOf(host: string): Promise<FoundAddresses> {
    if (isIpv4(host)) return { kind: 'found', addresses: [{ address: host, family: 4 }] }
    if (isIpv6(host)) return { kind: 'found', addresses: [{ address: host, family: 6 }] }
    await using resolver = await this.#options.resolver()
    const answers = await Promise.all([resolver.addresses(host, 4), resolver.addresses(host, 6)])
    const addresses = answers.flatMap((answer) => (answer.kind === 'found' ? answer.records : []))
    if (addresses.length > 0) return { kind: 'found', addresses }
    const failure = answers.find((answer) => answer.kind === 'failed')
    return {
      kind: 'none',
      why:
        failure === undefined
          ? `${host} has no address in the DNS`
          : `the DNS gave no answer about ${host}: ${failure.text}`,
    }
  }
}

function refusalOf(address: string, isClear: boolean, allowed: PeerNetworks): string | null {
  if (allowed.has(address)) return null
  const range = specialRangeOf(address)
  if (range !== null)
    return `${address} is ${range.purpose} (${range.rfc}), and in no network of webhooks.allow_networks`
  return isClear ? `http:// is for networks of webhooks.allow_networks, not for ${address}` : null
}
