// SPDX-License-Identifier: Apache-2.0
/**
 * Where applications hand in their mail: an SMTP server (RFC 6409) in front of the acceptor. Only who has
 * authenticated, or comes from a trusted network, gets past MAIL.
 */
import type { Acceptor, Submitter } from '../accept/acceptor.ts'
import type { DurationMs } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { isLoopback } from '../smtp/peer-address.ts'
import { type ListenerOptions, type ListeningAddress, SmtpServer } from '../smtp/server.ts'
import { SubmissionHandler } from './submission-handler.ts'

export interface SubmissionOptions extends ListenerOptions {
  readonly acceptor: Acceptor
  /** AUTH without TLS: for nobody, or for clients on this machine. */
  readonly allowClearTextAuth: 'never' | 'loopback'
  readonly clock: Clock
}

/** What has happened since the start, but for `sessions`: those open now. */
export interface SubmissionCounts {
  readonly sessions: number
  readonly sessionsTotal: number
  /** For their number, or for want of memory. */
  readonly sessionsRefused: number
  readonly accepted: number
  /** Messages and recipients that got 5yz from somebody who may submit, and attempts to relay. */
  readonly refused: number
  readonly authFailures: number
}

export class SubmissionListener {
  readonly #server: SmtpServer<Submitter>
  readonly #counts = { accepted: 0, refused: 0, authFailures: 0 }

  constructor(options: SubmissionOptions) {
    const { acceptor, allowClearTextAuth, clock, log, tls } = options
    this.#server = new SmtpServer({
      ...options,
      open: (address, mayClaimClient) =>
        new SubmissionHandler({
          address,
          acceptor,
          allowsClearTextAuth: allowClearTextAuth === 'loopback' && isLoopback(address),
          offersTls: () => tls() !== null,
          mayClaimClient,
          clock,
          counts: this.#counts,
          log,
        }),
    })
  }

  /** Open now. */
  get sessions(): number {
    return this.#server.sessions
  }

  get counts(): SubmissionCounts {
    const { sessions, sessionsTotal, sessionsRefused } = this.#server
    return { sessions, sessionsTotal, sessionsRefused, ...this.#counts }
  }

  /** Where it listens. Throws `RLY_PORT_IN_USE` where a port cannot be had. */
  listen(): Promise<readonly ListeningAddress[]> {
    return this.#server.listen()
  }

  /** Closes the sessions of those who may submit no longer, with 421 4.7.0; asked when the records have changed. */
  review(): void {
    this.#server.review()
  }

  /** Closes idle sessions with 421 4.3.2, lets open transactions end, and cuts what is left after `deadline`. */
  drain(deadline: DurationMs): Promise<void> {
    return this.#server.drain(deadline)
  }

  /** Cuts all sessions. */
  close(): Promise<void> {
    return this.#server.close()
  }
}
