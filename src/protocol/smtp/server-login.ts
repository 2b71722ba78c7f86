// SPDX-License-Identifier: Apache-2.0
/**
 * AUTH in one session, from the command to who the client is. RFC 4954.
 *
 *   begin ─▶ challenge … ─▶ verdict      SCRAM: … ─▶ verdict ─▶ our own proof ─▶ an empty line
 *
 * A verdict may have to wait before it is said, whatever it is, so that nobody guesses fast.
 */
import { invariant } from '../../base/invariant.ts'
import type { Reply } from '../reply.ts'
import type { AuthCommand } from './command.ts'
import type { LoginAttempt, LoginPolicy } from './login-policy.ts'
import {
  beginSasl,
  challengeScram,
  continueSasl,
  type SaslExpectation,
  type SaslStep,
  saslCancelled,
} from './sasl.ts'
import { serverReplies } from './server-replies.ts'

export interface LoginStep<Identity> {
  readonly reply: Reply
  /** Else the next line goes to `line`. */
  readonly isOver: boolean
  /** Who the client is, once that is known; else `null`. */
  readonly identity: Identity | null
  readonly afterMs: number
}

/** An identity is known, and the client has yet to take our own proof. */
interface Proven<Identity> {
  readonly kind: 'proven'
  readonly identity: Identity
}

export class ServerLogin<Identity> {
  /** Since the session began. */
  failures = 0
  readonly #policy: LoginPolicy<Identity>
  #expects: SaslExpectation | Proven<Identity> | null = null

  constructor(policy: LoginPolicy<Identity>) {
    this.#policy = policy
  }

  begin({ mechanism, initialResponse }: AuthCommand): LoginStep<Identity> {
    return this.#take(beginSasl(mechanism, initialResponse, this.#policy.mechanisms()))
  }

  line(text: string): LoginStep<Identity> {
    const expects = this.#expects
    invariant(expects !== null, 'a line goes on with what was begun')
    if (expects.kind !== 'proven') return this.#take(continueSasl(expects, text))
    if (text !== '') return this.#over(saslCancelled.reply)
    return this.#over(serverReplies.authenticated, expects.identity)
  }

  #take(step: SaslStep): LoginStep<Identity> {
    switch (step.kind) {
      case 'challenge':
        return this.#challenge(step.reply, step.expects)
      case 'fault':
        return this.#over(step.reply)
      case 'scram': {
        const { keys, nonce } = this.#policy.scram(step.first.userName)
        return this.#take(challengeScram(step.first, keys, nonce))
      }
      case 'secret': {
        const { userName, secret } = step
        return this.#judge({ kind: 'secret', userName, secret }, null)
      }
      case 'proof': {
        const { userName, isProven, serverFinal } = step
        return this.#judge({ kind: 'proof', userName, isProven }, serverFinal)
      }
    }
  }

  #judge(attempt: LoginAttempt, proof: Reply | null): LoginStep<Identity> {
    const verdict = this.#policy.authenticate(attempt)
    if (verdict.kind === 'unheard') {
      this.failures++
      return this.#over(serverReplies.tooManyGuesses)
    }
    const { identity, afterMs } = verdict
    if (identity === null) {
      this.failures++
      return this.#over(serverReplies.wrongSecret, null, afterMs)
    }
    return proof === null
      ? this.#over(serverReplies.authenticated, identity, afterMs)
      : this.#challenge(proof, { kind: 'proven', identity }, afterMs)
  }

  #challenge(
    reply: Reply,
    expects: SaslExpectation | Proven<Identity>,
    afterMs = 0,
  ): LoginStep<Identity> {
    this.#expects = expects
    return { reply, isOver: false, identity: null, afterMs }
  }

  #over(reply: Reply, identity: Identity | null = null, afterMs = 0): LoginStep<Identity> {
    this.#expects = null
    return { reply, isOver: true, identity, afterMs }
  }
}
