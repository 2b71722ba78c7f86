// SPDX-License-Identifier: Apache-2.0
/** A program that submits mail, as the matrix drives it. */
import type { Gap } from '../gap.ts'
import type { Origin, Unpacked } from '../packages.ts'

/** How a session is opened, by the name that stands before the recipient's domain. */
export const modes = {
  clear: { tls: 'clear', mechanism: null },
  starttls: { tls: 'starttls', mechanism: 'PLAIN' },
  implicit: { tls: 'implicit', mechanism: 'PLAIN' },
  plain: { tls: 'clear', mechanism: 'PLAIN' },
  login: { tls: 'clear', mechanism: 'LOGIN' },
  scram: { tls: 'clear', mechanism: 'SCRAM-SHA-256' },
  /** With a secret that is not the right one. */
  wrong: { tls: 'clear', mechanism: 'PLAIN' },
} as const satisfies Record<string, Mode>

export interface Mode {
  readonly tls: 'clear' | 'starttls' | 'implicit'
  readonly mechanism: 'PLAIN' | 'LOGIN' | 'SCRAM-SHA-256' | null
}

export type ModeName = keyof typeof modes

/** All that is below it leads to the sink. */
export function domainOf(mode: ModeName): string {
  return `${mode}.example.net`
}

export interface Submission {
  readonly mode: ModeName
  readonly sender: string
  /** Of `domainOf(mode)`. */
  readonly recipients: readonly string[]
  readonly content: Buffer
  readonly declares8Bit: boolean
  readonly needsUtf8: boolean
  /** `NOTIFY=SUCCESS,FAILURE` and `RET=HDRS`, as far as the program lets its user say so. */
  readonly asksForDsn: boolean
}

/** How it went, as the program tells its user; `log` has the server's words. */
export interface Submitted {
  readonly isGood: boolean
  readonly log: string
}

export interface Client extends AsyncDisposable {
  submit(submission: Submission): Promise<Submitted>
}

/** Where the relay is, and who may submit. */
export interface Access {
  /** Of `localhost`: a tap before the relay's listener for that mode. */
  readonly portOf: (mode: ModeName) => number
  readonly certificateFile: string
  readonly userNameOf: (mode: ModeName) => string
  readonly secretOf: (mode: ModeName) => string
  /** For files; everybody may look into it. */
  readonly folder: string
}

export interface ClientPeer {
  readonly name: string
  /** `null`: comes with us. */
  readonly origin: Origin | null
  /** Rights that it must have, where it is not enough to be anybody. */
  readonly needsRoot?: boolean
  /** By the name of the column. */
  readonly gaps: Readonly<Record<string, Gap>>
  open(unpacked: Unpacked, access: Access): Promise<Client>
}
