// SPDX-License-Identifier: Apache-2.0
/** Ways out: sources, and the paths that receivers meter. */
import type { Brand } from '../base/brand.ts'
import type { SiteName } from '../protocol/mx.ts'
import type { SocksLogin } from '../protocol/socks5.ts'

export type Family = 4 | 6

export type EgressSourceName = Brand<string, 'EgressSourceName'>

/**
 * A proxy on another machine, whose address receivers see: a SOCKS5 server, or one that is told by a PROXY header `from` which of its
 * addresses to call whom. `host` is an address.
 */
export type EgressHop = { readonly host: string; readonly port: number } & (
  | { readonly kind: 'socks5'; readonly login: SocksLogin | null }
  | { readonly kind: 'proxy-v1' | 'proxy-v2'; readonly from: string }
)

/** One way out: a local address and the name it says in EHLO. PowerMTA calls it a VirtualMTA. */
export interface EgressSource {
  readonly name: EgressSourceName
  /** `null`: the system chooses. */
  readonly localAddress: string | null
  /** What it can reach, the preferred one first: one for an address, and what the machine has where the system chooses. */
  readonly families: readonly Family[]
  readonly ehloName: string
  /** `null`: receivers are called directly. */
  readonly hop: EgressHop | null
}

/** What receivers meter: one of our addresses talking to one of their sites. */
export interface EgressPath {
  readonly source: EgressSourceName
  readonly site: SiteName
}

/** What one of several can reach. */
export function familiesOf(sources: readonly EgressSource[]): readonly Family[] {
  return [...new Set(sources.flatMap(({ families }) => families))]
}
