// SPDX-License-Identifier: Apache-2.0
/** What RFC 5321 §2.3.1 calls the envelope: everything that travels beside the content. */
import type { Mailbox } from './mailbox.ts'

/** RFC 5321 §4.1.1.2. `null` is the null reverse-path `<>` that every DSN carries (§4.5.5). */
export type ReversePath = Mailbox | null

export type NotifyOn = 'SUCCESS' | 'FAILURE' | 'DELAY'

export interface Recipient {
  readonly forwardPath: Mailbox
  /** RFC 3461 §4.1. `[]` is NEVER; `null` is "not given", which we read as FAILURE. */
  readonly notify: readonly NotifyOn[] | null
  /** RFC 3461 §4.2, as received (`rfc822;xtext`): quoted back in DSNs and events. */
  readonly originalRecipient: string | null
}

export interface Envelope {
  readonly reversePath: ReversePath
  readonly recipients: readonly Recipient[]
  /** RFC 6152. */
  readonly body: '7BIT' | '8BITMIME'
  /** RFC 6531. */
  readonly smtputf8: boolean
  /** RFC 3461 §4.3. */
  readonly ret: 'FULL' | 'HDRS' | null
  /** RFC 3461 §4.4, decoded from xtext. */
  readonly envid: string | null
}
