// SPDX-License-Identifier: Apache-2.0
/** Ways out: sources, and the paths that receivers meter. */
import type { Brand } from '../base/brand.ts'
import type { SiteName } from '../protocol/mx.ts'

export type Family = 4 | 6

export type EgressSourceName = Brand<string, 'EgressSourceName'>

/** One way out: a local address and the name it says in EHLO. PowerMTA calls it a VirtualMTA. */
export interface EgressSource {
  readonly name: EgressSourceName
  /** `null`: the system chooses. */
  readonly localAddress: string | null
  /** What it can reach, the preferred one first: one for an address, and what the machine has where the system chooses. */
  readonly families: readonly Family[]
  readonly ehloName: string
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
