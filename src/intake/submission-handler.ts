// SPDX-License-Identifier: Apache-2.0
/** One session of a submitter: who it is, and its mail on the way to the acceptor. */
import type { Acceptor, Draft, Provenance, Submitter } from '../accept/acceptor.ts'
import type { Instant } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { invariant } from '../base/invariant.ts'
import type { Log } from '../base/log.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { Mailbox } from '../protocol/mailbox.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { LoginAttempt, LoginVerdict } from '../protocol/smtp/login-policy.ts'
import type { Mechanism } from '../protocol/smtp/sasl.ts'
import { serverReplies } from '../protocol/smtp/server-replies.ts'
import type { Refusal, SessionFacts } from '../protocol/smtp/session-policy.ts'
import { withProtocol } from '../protocol/smtp/with-protocol.ts'
import type { ContentSink, SessionHandler } from '../smtp/server-handler.ts'

export interface HandlerOptions {
  /** Of the client, without port. */
  readonly address: string
  readonly acceptor: Acceptor
  readonly allowsClearTextAuth: boolean
  readonly offersTls: () => boolean
  readonly clock: Clock
  readonly mayClaimClient: boolean
  /** Shared by all sessions of a listener. */
  readonly counts: { accepted: number; refused: number; authFailures: number }
  readonly log: Log
}

type Facts = SessionFacts<Submitter>

export class SubmissionHandler implements SessionHandler<Submitter> {
  readonly allowsClearTextAuth: boolean
  readonly mayClaimClient: boolean
  readonly #options: HandlerOptions
  /** By the client's network or certificate; asked once, and again after a handshake. */
  #trusted: Submitter | null = null
  #trustedAsOf: Facts['tls'] | undefined
  #hasTriedToRelay = false

  constructor(options: HandlerOptions) {
    this.allowsClearTextAuth = options.allowsClearTextAuth
    this.mayClaimClient = options.mayClaimClient
    this.#options = options
  }

  now(): Instant {
    return this.#options.clock.now()
  }

  offersTls(): boolean {
    return this.#options.offersTls()
  }

  mechanisms(): readonly Mechanism[] {
    return this.#options.acceptor.mechanisms()
  }

  scram(userName: string): ReturnType<Acceptor['scram']> {
    return this.#options.acceptor.scram(userName)
  }

  authenticate(attempt: LoginAttempt): LoginVerdict<Submitter> {
    const { acceptor, address, counts, log } = this.#options
    const verdict = acceptor.authenticate(address, attempt)
    if (verdict.kind === 'heard' && verdict.identity !== null) return verdict
    counts.authFailures++
    log.info({ address }, 'a client failed to authenticate')
    return verdict
  }

  admit(session: Facts): Reply | null {
    const submitter = this.#submitter(session)
    if (submitter === null) return serverReplies.authenticationRequired
    return this.#options.acceptor.admission(submitter)
  }

  /** Strangers may stay: they can do nothing. */
  dismissal(session: Facts): Reply | null {
    const submitter = session.identity ?? this.#trusted
    return submitter === null ? null : this.#options.acceptor.dismissal(submitter)
  }

  /** A relay has no mailbox of its own; where mail may go is the acceptor's matter. */
  admitRecipient(_session: Facts, forwardPath: Mailbox | null): Reply | null {
    return forwardPath === null ? serverReplies.noLocalPostmaster : null
  }

  begin(session: Facts, envelope: Envelope): ContentSink {
    const { acceptor, counts } = this.#options
    const submitter = this.#submitter(session)
    invariant(submitter !== null, 'only a submitter gets past MAIL')
    const draft = acceptor.begin(submitter, envelope, this.#provenance(session, envelope.smtputf8))
    return new DraftSink(draft, counts)
  }

  /** Of a stranger nothing becomes an event but its first attempt to relay, lest strangers fill the journal. */
  refused(session: Facts, refusal: Refusal): void {
    const { acceptor, counts } = this.#options
    const submitter = this.#submitter(session)
    if (submitter === null) {
      if (this.#hasTriedToRelay || refusal.reply !== serverReplies.authenticationRequired) return
      this.#hasTriedToRelay = true
    }
    counts.refused++
    acceptor.rejected({ submitter, provenance: this.#provenance(session, false), ...refusal })
  }

  #submitter(session: Facts): Submitter | null {
    if (session.identity !== null) return session.identity
    if (this.#trustedAsOf !== session.tls) {
      const { acceptor, address } = this.#options
      this.#trusted = acceptor.trusted(address, session.tls?.clientCertificate ?? null)
      this.#trustedAsOf = session.tls
    }
    return this.#trusted
  }

  #provenance({ helo, isExtended, tls, identity }: Facts, smtputf8: boolean): Provenance {
    const kind = { isExtended, isSecure: tls !== null, isAuthenticated: identity !== null }
    return {
      address: this.#options.address,
      helo,
      protocol: withProtocol(kind, smtputf8),
      tls,
    }
  }
}

class DraftSink implements ContentSink {
  readonly #draft: Draft
  readonly #counts: HandlerOptions['counts']

  constructor(draft: Draft, counts: HandlerOptions['counts']) {
    this.#draft = draft
    this.#counts = counts
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    return this.#draft.write(chunk)
  }

  async finish(): Promise<Reply> {
    const acceptance = await this.#draft.finish()
    if (acceptance.kind === 'refused') return acceptance.reply
    this.#counts.accepted++
    return reply(250, '2.0.0', `Ok: queued as ${acceptance.id}`)
  }

  abort(): void {
    this.#draft.abort()
  }
}
