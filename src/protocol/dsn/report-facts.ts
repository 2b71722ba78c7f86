// SPDX-License-Identifier: Apache-2.0
/** What a delivery status notification tells, of one message and some of its recipients, and who wants one. RFC 3461, RFC 3464 §2. */
import type { Instant } from '../../base/brand.ts'
import type { Envelope, NotifyOn, Recipient } from '../envelope.ts'
import type { Mailbox } from '../mailbox.ts'
import type { Reply } from '../reply.ts'

/** What has become of a recipient. RFC 3464 §2.3.3 calls the first two "failed". */
export type Fate =
  | { readonly kind: 'bounced' }
  /** Every attempt ended with a transient reply until the message was too old. */
  | { readonly kind: 'expired' }
  /** It waits, and is tried again until then. */
  | { readonly kind: 'delayed'; readonly retriesUntil: Instant }
  /** Handed over to a system that will not tell the submitter of its delivery. */
  | { readonly kind: 'relayed' }

/** The word of NOTIFY that asks for each. */
export const notifyOf = {
  bounced: 'FAILURE',
  expired: 'FAILURE',
  delayed: 'DELAY',
  relayed: 'SUCCESS',
} as const satisfies Record<Fate['kind'], NotifyOn>

export interface ReportedRecipient {
  readonly recipient: Recipient
  readonly fate: Fate
  /** The last reply; `null` where none was ever given. */
  readonly reply: Reply | null
  /** Whose words it is: those of the host, or ours about it. */
  readonly said: 'peer' | 'us'
  /** The host that it was tried at; `null` where none was. */
  readonly remoteMta: string | null
  readonly lastAttemptAt: Instant | null
}

export interface Report {
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
  readonly envelope: Pick<Envelope, 'envid' | 'ret' | 'smtputf8' | 'release'>
  /** At least one. */
  readonly recipients: readonly ReportedRecipient[]
  /** The original's content, or at least the beginning of it. */
  readonly original: { readonly octets: Uint8Array; readonly isComplete: boolean }
}

/**
 * RFC 3461 §4.1: what NOTIFY says; where it says nothing, failure and delay are told, success is not. Never to the null
 * reverse-path (§6.2, RFC 5321 §6.1).
 */
export function wantsReport(
  envelope: Pick<Envelope, 'reversePath'>,
  recipient: Recipient,
  word: NotifyOn,
): boolean {
  if (envelope.reversePath === null) return false
  return recipient.notify === null ? word !== 'SUCCESS' : recipient.notify.includes(word)
}
