// SPDX-License-Identifier: Apache-2.0
/** How one attempt at one recipient ended. Always a value: remote failure is not an exception. */
import type { Speaker, TlsFacts } from '../../events/event.ts'
import type { Classification } from '../../protocol/classify/classifier.ts'
import type { Reply } from '../../protocol/reply.ts'

export type Outcome =
  | { readonly kind: 'delivered'; readonly reply: Reply }
  | ({ readonly kind: 'deferred' | 'bounced' } & Failure)
  | Damaged

/** Its content is not what was accepted. Nobody is told before a person has decided: it is held. */
export interface Damaged {
  readonly kind: 'damaged'
  readonly reply: Reply
}

export interface Failure {
  readonly reply: Reply
  /** Whose words the reply is: a receiver's, or ours, where it said nothing or was not asked. */
  readonly said: Speaker
  readonly blame: Blame
  /** What it means; absent where nobody refused, but something failed here. */
  readonly meant?: Classification
}

/** `path`: the next recipient would fare the same, so the path or site rests. */
export type Blame = 'recipient' | 'message' | 'path'

/** Of the message, before anything was said to a receiver. */
export function bouncedByUs(reply: Reply): Outcome {
  return { kind: 'bounced', blame: 'message', reply, said: 'us' }
}

/** The same, for something that passes. */
export function deferredByUs(reply: Reply): Outcome {
  return { kind: 'deferred', blame: 'message', reply, said: 'us' }
}

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
