// SPDX-License-Identifier: Apache-2.0
/** What a server session does not decide itself: matters of mail and of people. */

import type { X509Certificate } from 'node:crypto'
import type { Instant } from '../../base/brand.ts'
import type { Mailbox } from '../mailbox.ts'
import type { Reply } from '../reply.ts'
import type { LoginPolicy } from './login-policy.ts'

export interface SessionTls {
  /** `TLSv1.3`. */
  readonly version: string
  readonly cipher: string
  /** The client's, where the listener's authorities vouch for it. */
  readonly clientCertificate: X509Certificate | null
}

/** What is known of a client. `Identity` is whom AUTH makes of it. */
export interface SessionFacts<Identity> {
  /** What it said in EHLO or HELO. */
  readonly helo: string
  /** EHLO and not HELO. */
  readonly isExtended: boolean
  readonly tls: SessionTls | null
  readonly identity: Identity | null
}

/** Asked by a session, and answers at once. */
export interface SessionPolicy<Identity> extends LoginPolicy<Identity> {
  /** The wall clock. */
  now(): Instant
  /** AUTH without TLS. */
  readonly allowsClearTextAuth: boolean
  offersTls(): boolean
  /** XCLIENT is offered. */
  readonly mayClaimClient: boolean
  /** At MAIL: `null` where mail may come, else the reply (530 5.7.0, 452 4.3.1). */
  admit(session: SessionFacts<Identity>): Reply | null
  /**
   * At RCPT: `null` where mail may come for it, else the reply. Without a mailbox it is the server's own postmaster, whom
   * RCPT may name without a domain (RFC 5321 §4.1.1.3).
   */
  admitRecipient(session: SessionFacts<Identity>, forwardPath: Mailbox | null): Reply | null
  /** MAIL, RCPT or content got a permanent refusal. */
  refused(session: SessionFacts<Identity>, refusal: Refusal): void
}

export interface Refusal {
  readonly reply: Reply
  /** Empty for the null reverse-path; paths are as they were written where they could not be read. */
  readonly reversePath: string | null
  readonly recipient: string | null
}

export interface SessionRules {
  /** Whether there is memory for more. `none`: not for another recipient. */
  readonly memory: { readonly room: 'ample' | 'scarce' | 'none' }
  /** Said in the greeting and in the reply to EHLO. */
  readonly hostname: string
  readonly limits: {
    readonly commandLineOctets: number
    readonly messageOctets: number
    readonly futureReleaseMs: number
    readonly recipientsPerMessage: number
    readonly transactionsPerSession: number
    readonly errorsPerSession: number
    readonly authFailuresPerSession: number
  }
}
