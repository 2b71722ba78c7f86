// SPDX-License-Identifier: Apache-2.0
/** Sources with what they can reach from this machine. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { EgressHop, EgressSource, Family } from '../queue/egress.ts'
import { EgressPools } from '../queue/egress-pool.ts'
import type { Config, SourceConfig } from './config/config.ts'
import { readPassword } from './password-file.ts'

/** As `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** RFC 4291 §2.4: what is routed on the Internet today, 2000::/3. */
const GLOBAL_IPV6 = /^[23]/

/** What the configuration in force says of sources and pools, with what this machine has when it is put in force. */
export class SourcesInForce {
  readonly #config: () => Config
  #made: { readonly of: Config; readonly sources: readonly EgressSource[]; pools: EgressPools }

  constructor(config: () => Config) {
    this.#config = config
    this.#made = madeOf(config())
  }

  get sources(): readonly EgressSource[] {
    return this.#current.sources
  }

  get pools(): EgressPools {
    return this.#current.pools
  }

  get #current() {
    const config = this.#config()
    if (config !== this.#made.of) this.#made = madeOf(config)
    return this.#made
  }
}

function madeOf(config: Config) {
  const sources = egressSources(config, networkInterfaces())
  return { of: config, sources, pools: new EgressPools(sources, config.pools) }
}

export function egressSources(
  { sources }: Pick<Config, 'sources'>,
  interfaces: Interfaces,
): readonly EgressSource[] {
  const ofMachine = familiesOfMachine(interfaces)
  return sources.map(({ ehloName, localAddress, name, proxy, publicAddress }) => {
    const shown = publicAddress ?? (proxy === null ? localAddress : null)
    const families = shown === null ? (proxy === null ? ofMachine : BOTH) : [familyOf(shown)]
    return { name, localAddress, ehloName, families, hop: proxy && hopOf(proxy, publicAddress) }
  })
}

/** What a proxy can reach is not known: it says so. */
const BOTH: readonly Family[] = [4, 6]

/** The configuration was checked: one that is told by a header has a public address, and a password can be read. */
function hopOf(
  { address: { host, port }, passwordFile, protocol, user }: NonNullable<SourceConfig['proxy']>,
  publicAddress: string | null,
): EgressHop {
  if (protocol !== 'socks5') return { kind: protocol, host, port, from: publicAddress ?? '' }
  if (user === null || passwordFile === null) return { kind: protocol, host, port, login: null }
  return { kind: protocol, host, port, login: { user, password: readPassword(passwordFile) } }
}

function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4
}

/**
 * IPv4 first: an IPv6 address that nobody chose seldom has a name in the DNS, and large receivers refuse mail from one without. So it
 * serves those that have no other, or do not answer by IPv4.
 */
function familiesOfMachine(interfaces: Interfaces): readonly Family[] {
  const addresses = Object.values(interfaces)
    .flatMap((all) => all ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
  const has6 = addresses.some((address) => familyOf(address) === 6 && GLOBAL_IPV6.test(address))
  if (!has6) return [4]
  return addresses.some((address) => familyOf(address) === 4) ? [4, 6] : [6]
}
