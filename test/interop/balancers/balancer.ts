// SPDX-License-Identifier: Apache-2.0
/** A program that stands between clients and our listener and says whom it brings, as the matrix drives it. */
import type { Gap } from '../gap.ts'
import type { Origin, Unpacked } from '../packages.ts'

/**
 * `v1`, `v2`: the PROXY protocol's. `checksum`: version 2 with that and what else can be added. `implicit`: version 1, to the listener with
 * implicit TLS. `bare`: without the header that is owed. `xclient`: as a mail proxy, to the listener for those.
 */
export type Way = 'v1' | 'v2' | 'checksum' | 'implicit' | 'bare' | 'xclient'

/** Where the listeners are, at 127.0.0.1. */
export interface Behind {
  readonly port: number
  readonly implicitPort: number
  readonly claimsPort: number
  /** Of the mail by which it sees whether the listener works. */
  readonly checkSender: string
  /** For files; everybody may look into it. */
  readonly folder: string
}

export interface Balancer extends AsyncDisposable {
  /** At 127.0.0.1, and at ::1 where `isDual`. */
  readonly ports: ReadonlyMap<Way, number>
  log(): string
}

export interface BalancerPeer {
  readonly name: string
  readonly origin: Origin
  /** By the name of the column. */
  readonly gaps: Readonly<Record<string, Gap>>
  /** `isDual`: clients come by IPv6 too. */
  open(unpacked: Unpacked, behind: Behind, isDual: boolean): Promise<Balancer>
}
