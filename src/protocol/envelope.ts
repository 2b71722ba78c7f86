// SPDX-License-Identifier: Apache-2.0
/** What RFC 5321 §2.3.1 calls the envelope: everything that travels beside the content. */
import type { Instant } from '../base/brand.ts'
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

/** What few messages ask for. A record has no place for what was not asked for, so that it costs nothing. */
export interface DeliveryWishes {
  /** RFC 8689: no hop without TLS and a host that proves its name and promises the same. */
  readonly requireTls?: true
  /** RFC 6710: from 9, the most urgent, to -9; 0 is not said. */
  readonly priority?: number
  readonly release?: Release
}

/** RFC 4865: nobody is tried before. */
export interface Release {
  readonly at: Instant
  /** As a DSN repeats it: `for;3600`, `until;2026-12-24T18:00:00Z`. */
  readonly asked: string
}

export interface Envelope extends DeliveryWishes {
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
