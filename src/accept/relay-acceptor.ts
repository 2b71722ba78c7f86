// SPDX-License-Identifier: Apache-2.0
/** The door: who may submit, and the drafts in which mail comes in. The work is in `message-draft.ts`. */
import type { X509Certificate } from 'node:crypto'
import type { Envelope } from '../protocol/envelope.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { LoginAttempt, LoginVerdict } from '../protocol/smtp/login-policy.ts'
import type { Mechanism } from '../protocol/smtp/sasl.ts'
import { serverReplies } from '../protocol/smtp/server-replies.ts'
import {
  type Acceptor,
  type Draft,
  type Labelling,
  noLabels,
  type Provenance,
  type Rejection,
  type Submitter,
} from './acceptor.ts'
import { submissionGate } from './gate/gate.ts'
import { handlingOf } from './handling.ts'
import type { Logins } from './logins/logins.ts'
import type { TrustedClients } from './logins/trusted-clients.ts'
import { type AcceptContext, MessageDraft } from './message-draft.ts'
import { rejectedEvent } from './reception-event.ts'
import { RejectionBound } from './rejection-bound.ts'

/** Ends the session: whoever revokes a secret means it now, not when a client hangs up. */
const CREDENTIAL_REMOVED = reply(
  421,
  '4.7.0',
  'The credential of this session was removed or disabled, closing',
)

const ACCOUNT_REMOVED = reply(421, '4.7.0', 'The account of this session was removed, closing')

export class RelayAcceptor implements Acceptor {
  readonly #context: AcceptContext
  readonly #logins: Logins
  readonly #trusted: () => TrustedClients
  readonly #rejections: RejectionBound

  constructor(context: AcceptContext, logins: Logins, trusted: () => TrustedClients) {
    this.#context = context
    this.#logins = logins
    this.#trusted = trusted
    this.#rejections = new RejectionBound(context.clock, context.log)
  }

  mechanisms(): readonly Mechanism[] {
    return this.#logins.mechanisms()
  }

  scram(userName: string): ReturnType<Acceptor['scram']> {
    return this.#logins.scram(userName)
  }

  authenticate(address: string, attempt: LoginAttempt): LoginVerdict<Submitter> {
    const verdict = this.#logins.authenticate(address, attempt)
    if (verdict.kind === 'unheard') return verdict
    if (verdict.identity === null) return { ...verdict, identity: null }
    const { credential, stream } = verdict.identity
    const { tenant, id } = credential
    this.#context.uses.note(id, address)
    const { isSandbox, stream: usualStream } = credential
    return { ...verdict, identity: { tenant, stream, usualStream, credential: id, isSandbox } }
  }

  trusted(address: string, certificate: X509Certificate | null): Submitter | null {
    const client = this.#trusted().find(address, certificate)
    return (
      client && {
        tenant: client.tenant,
        stream: null,
        usualStream: client.stream,
        credential: null,
        isSandbox: false,
      }
    )
  }

  dismissal({ credential, tenant }: Submitter): Reply | null {
    const { credentials, tenants } = this.#context.directory()
    if (credential === null) return tenants.has(tenant) ? null : ACCOUNT_REMOVED
    return credentials.has(credential) ? null : CREDENTIAL_REMOVED
  }

  admission(submitter: Submitter): Reply | null {
    const dismissal = this.dismissal(submitter)
    if (dismissal !== null) return dismissal
    if (this.#context.memory.room !== 'ample') return serverReplies.noRoom
    const health = this.#context.spool.health()
    return health.kind === 'shedding' ? reply(452, '4.3.1', health.publicText) : null
  }

  begin(
    submitter: Submitter,
    envelope: Envelope,
    provenance: Provenance,
    labelling: Labelling = noLabels,
  ): Draft {
    const { clock, directory, uses } = this.#context
    if (submitter.credential !== null) uses.note(submitter.credential, provenance.address)
    return new MessageDraft(this.#context, submitter, envelope, provenance, {
      gate: submissionGate,
      quotas: this.#context.quotas,
      repeats: labelling.repeats ?? null,
      handle: (beginning) => handlingOf(directory(), submitter, labelling, beginning, clock.now()),
    })
  }

  rejected(rejection: Rejection): void {
    const { clock, events, lifecycle, node, spool } = this.#context
    // What room a full disk has is for outcomes.
    if (spool.health().kind === 'shedding') return
    if (!this.#rejections.take(rejection.submitter?.tenant ?? null)) return
    lifecycle.background('record of a rejection', () =>
      events.append([rejectedEvent(rejection, node, clock.now())]),
    )
  }
}
