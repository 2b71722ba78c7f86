// SPDX-License-Identifier: Apache-2.0
/**
 * The door through which all mail comes in: SMTP and, later, HTTP; our own mail too. Listeners know
 * this port and nothing behind it.
 */
import type { X509Certificate } from 'node:crypto'
import type { Instant } from '../base/brand.ts'
import type { GateCheck } from '../events/gate-check.ts'
import type { MessageId } from '../events/ids.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { Reply } from '../protocol/reply.ts'
import type { LoginAttempt, LoginVerdict } from '../protocol/smtp/login-policy.ts'
import type { Mechanism } from '../protocol/smtp/sasl.ts'
import type { ScramKeys } from '../protocol/smtp/scram.ts'
import type { CampaignSpread } from '../records/campaigns/campaign-spread.ts'
import type { CredentialId, Slug, Tracked } from '../records/records.ts'
import type { Decisive } from '../records/suppressions/suppression.ts'
import type { Labels } from '../spool/message.ts'

/** Whose mail it is. Made by `authenticate` or `trusted`. */
export interface Submitter {
  readonly tenant: Slug
  /** Named at the login; `null`: it says nothing, and `handling.ts` chooses. */
  readonly stream: Slug | null
  /** The credential's or the trusted network's, where nothing says otherwise; `null`: the tenant's default. */
  readonly usualStream: Slug | null
  readonly credential: CredentialId | null
  /** Its credential is for the sandbox. */
  readonly isSandbox: boolean
}

/** What a request says of a message beside its content: its stream, and what it is found by later. */
export interface Labelling {
  readonly stream: Slug | null
  readonly campaign: string | null
  readonly labels: Labels | null
  readonly sandbox: boolean
  /** What is counted of it, `null`: what its stream has counted. */
  readonly tracks: readonly Tracked[] | null
  /** How glad its recipients are of mail, 0 to 100; `null`: what is known here counts. */
  readonly engagement: number | null
  /** When mail of its campaign goes, and how fast, as they are kept; `null`: it does not say. */
  readonly spread: CampaignSpread | null
  /** It may have been taken before, or sends mail again that had failed. */
  readonly repeats?: Repeats
}

export interface Repeats {
  /** Made before, by `Spool.newId`: so that whoever repeats mail can see after a crash whether it was taken. */
  readonly id: MessageId
  /** The message that had failed. */
  readonly retryOf: MessageId | null
}

export const noLabels: Labelling = {
  ...{ stream: null, campaign: null, labels: null },
  ...{ sandbox: false, tracks: null, engagement: null, spread: null },
}

/** From whom and how it came: for the `Received` field and the `received` event. */
export interface Provenance {
  /** Address of the peer, without port. */
  readonly address: string
  /** What it said in EHLO or HELO; empty for our own mail. */
  readonly helo: string
  /** RFC 3848: ESMTP, ESMTPA, ESMTPS, ESMTPSA; RFC 6531: UTF8SMTP and so on; `HTTP`; `LOCAL`. */
  readonly protocol: string
  /** `TLSv1.3 with cipher …` for the `Received` field, or `null`. */
  readonly tls: { readonly version: string; readonly cipher: string } | null
}

export interface Acceptor {
  /** Mechanisms of SMTP AUTH that somebody here can use. */
  mechanisms(): readonly Mechanism[]
  /** SCRAM's keys of a user name, `<id>` or `<id>/<stream>`, or such as nobody's; and a fresh nonce. */
  scram(userName: string): { readonly keys: ScramKeys; readonly nonce: string }
  /**
   * With a secret, `ph_<id>_<random>`, the user name is free and may name a stream. The same work is done for an unknown id
   * and a wrong secret, and who guesses is slowed down. `address`: the client's.
   */
  authenticate(address: string, attempt: LoginAttempt): LoginVerdict<Submitter>
  /**
   * Whose mail a client may submit without AUTH, by its address and by its certificate, which was verified. `null`:
   * 530 5.7.0.
   */
  trusted(address: string, certificate: X509Certificate | null): Submitter | null
  /** `null`: it is still a submitter; else what its sessions end with, 421 4.7.0. Asked when the records have changed. */
  dismissal(submitter: Submitter): Reply | null
  /**
   * Whether mail of `submitter` may come in now; asked at MAIL. `null`: yes, else the reply: 452 4.3.1, 421 4.3.2, and
   * 421 4.7.0 where the credential was removed since.
   */
  admission(submitter: Submitter): Reply | null
  /** After RCPT, before the content: opens the message. */
  begin(
    submitter: Submitter,
    envelope: Envelope,
    provenance: Provenance,
    labelling?: Labelling,
  ): Draft
  /** A message or recipient was refused: becomes a `rejected` event, up to a bound. */
  rejected(rejection: Rejection): void
}

export interface Draft {
  /**
   * Content in any chunking, dots unstuffed, CRLF line ends. Kept, not copied. A returned promise asks the
   * listener to stop reading until it resolves. Never rejects: what is wrong is said by `finish`.
   */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Durable where `accepted`. Never rejects. */
  finish(): Promise<Acceptance>
  /** The peer went away, or the content was refused. */
  abort(): void
}

export type Acceptance =
  | {
      readonly kind: 'accepted'
      readonly id: MessageId
      /** Those of its recipients whom the tenant's list keeps it from: no error, and nobody tries them. */
      readonly suppressed: readonly SuppressedRecipient[]
    }
  /** `check`: which one of the stream's gate refused it; `null`: something else did. */
  | {
      readonly kind: 'refused'
      readonly reply: Reply
      readonly check: GateCheck | null
      /** A quota is used up until then; `null`: that is not why. */
      readonly until: Instant | null
    }

export interface SuppressedRecipient {
  readonly recipient: string
  readonly suppression: Decisive
}

export interface Rejection {
  readonly submitter: Submitter | null
  readonly provenance: Provenance
  readonly reversePath: string | null
  readonly recipient: string | null
  readonly reply: Reply
}
