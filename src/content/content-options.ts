// SPDX-License-Identifier: Apache-2.0
/** What the content stage is told about a message besides its content. */
import type { Instant } from '../base/brand.ts'
import type { MessageId } from '../events/ids.ts'
import type { Mailbox } from '../protocol/mailbox.ts'

/** From whom and how a message came. */
export interface TraceFacts {
  /** Address of the peer, without port; empty for our own mail. */
  readonly address: string
  /** What it said in EHLO or HELO; empty for our own mail. */
  readonly helo: string
  /** `ESMTPSA`, `UTF8SMTPS`, `HTTP`, `LOCAL`. */
  readonly protocol: string
  readonly tls: { readonly version: string; readonly cipher: string } | null
}

export interface ContentOptions {
  readonly id: MessageId
  /** Our name, for `Received`. */
  readonly hostname: string
  readonly now: Instant
  readonly trace: TraceFacts
  /** The recipient where there is exactly one; several would tell each of the others (RFC 5321 §7.2). */
  readonly forRecipient: Mailbox | null
  /** RFC 6710; 0 is not said. */
  readonly priority: number
  /** Whether the transaction is an SMTPUTF8 one: the fields that we add may hold UTF-8 (RFC 6531 §3.7.3). */
  readonly smtputf8: boolean
}
