// SPDX-License-Identifier: Apache-2.0
/** Ways out: sources, and the paths that receivers meter. */
import type { Brand } from '../base/brand.ts'
import type { SiteName } from '../protocol/mx.ts'

export type EgressSourceName = Brand<string, 'EgressSourceName'>

/** One way out: a local address of one family and the name it says in EHLO. PowerMTA calls it a VirtualMTA. */
export interface EgressSource {
  readonly name: EgressSourceName
  /** `null`: the system chooses, IPv4 only. */
  readonly localAddress: string | null
  readonly ehloName: string
}

/** What receivers meter: one of our addresses talking to one of their sites. */
export interface EgressPath {
  readonly source: EgressSourceName
  readonly site: SiteName
}

/** What a source can reach. */
export function familyOf({ localAddress }: EgressSource): 4 | 6 {
  return localAddress?.includes(':') ? 6 : 4
}

/** What one of several can reach. */
export function familiesOf(sources: readonly EgressSource[]): readonly (4 | 6)[] {
  return [...new Set(sources.map(familyOf))]
}
