// SPDX-License-Identifier: Apache-2.0
/** How one attempt at one recipient ended. Always a value: remote failure is not an exception. */
import type { TlsFacts } from '../events/event.ts'
import type { Reply } from '../protocol/reply.ts'

export type Outcome =
  | { readonly kind: 'delivered'; readonly reply: Reply }
  /** `path`: the next recipient would fare the same, so the path or site rests. */
  | { readonly kind: 'deferred'; readonly reply: Reply; readonly blame: Blame }
  | { readonly kind: 'bounced'; readonly reply: Reply; readonly blame: Blame }

export type Blame = 'recipient' | 'message' | 'path'

/** Facts of one transaction that every outcome's event repeats. */
export interface TransactionFacts {
  /** `mx1.example.net[192.0.2.1]:25`. */
  readonly mx: string
  readonly tls: TlsFacts | null
  /** Whether the receiver takes NOTIFY (RFC 3461). */
  readonly offersDsn: boolean
  /** Lines with `C: ` and `S: `, bounded by `limits.conversationLines`. */
  readonly conversation: readonly string[]
  /** From MAIL to the last reply, milliseconds. */
  readonly transmitMs: number
}
