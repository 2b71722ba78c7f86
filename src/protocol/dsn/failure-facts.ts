// SPDX-License-Identifier: Apache-2.0
/** What a failure report tells: about one message, and each recipient that will not get it. RFC 3464 §2.2 and §2.3. */
import type { Instant } from '../../base/brand.ts'
import type { Envelope, Recipient } from '../envelope.ts'
import type { Mailbox } from '../mailbox.ts'
import type { Reply } from '../reply.ts'

export interface FailedRecipient {
  readonly recipient: Recipient
  /** The last reply; `null` where none was ever given. */
  readonly reply: Reply | null
  /** The host that gave it; `null` where it was our own decision. */
  readonly remoteMta: string | null
  /** `expired`: every attempt ended with a transient reply until the message was too old. */
  readonly because: 'bounced' | 'expired'
  readonly lastAttemptAt: Instant | null
}

export interface FailureReport {
  /** Our name. */
  readonly hostname: string
  /** Header From. */
  readonly from: string
  readonly now: Instant
  /** When the original came. */
  readonly arrivedAt: Instant
  /** The original's, in our hands: makes the boundary. Letters and digits. */
  readonly messageId: string
  /** Whom it goes to. */
  readonly reversePath: Mailbox
  readonly envelope: Pick<Envelope, 'envid' | 'ret' | 'smtputf8'>
  /** At least one. */
  readonly failures: readonly FailedRecipient[]
  /** The original's content, or at least the beginning of it. */
  readonly original: { readonly octets: Uint8Array; readonly isComplete: boolean }
}
