// SPDX-License-Identifier: Apache-2.0
/** A program that takes mail, as the matrix drives it. */
import type { Gap } from '../gap.ts'
import type { Origin, Unpacked } from '../packages.ts'

export interface ReceiverPeer {
  readonly name: string
  readonly origin: Origin
  readonly needsRoot?: boolean
  open(unpacked: Unpacked, place: Place): Promise<Receiver>
}

/** What a receiver is given. */
export interface Place {
  /** Whom it takes mail for. */
  readonly domains: readonly string[]
  /** Local part of the recipient that it refuses with 550 5.1.1. */
  readonly unknown: string
  /** A server that takes what the receiver sends on, for those that are no last stop. */
  readonly storePort: number
  /** PEM files of a certificate for itself. */
  readonly certificateFile: string
  readonly keyFile: string
  /** For files; everybody may look into it. */
  readonly folder: string
}

export interface Receiver extends AsyncDisposable {
  /** Offers STARTTLS where the program can. */
  readonly port: number
  /** Does not. */
  readonly clearPort: number
  /** All messages that it has kept itself, CRLF line ends; `null` where it sends them on. */
  readonly kept: (() => readonly Buffer[]) | null
  /** By the name of the column, what its EHLO does not tell. */
  readonly gaps: Readonly<Record<string, Gap>>
  log(): string
}
