// SPDX-License-Identifier: Apache-2.0
/** Makes the events of the way in: `message.received` and `message.rejected`. */
import type { Instant } from '../base/brand.ts'
import type { HeaderFacts } from '../content/header-facts.ts'
import type { ReceivedEvent, RejectedEvent, Unwritten } from '../events/event.ts'
import { timestampOf } from '../events/event.ts'
import type { GateCheck } from '../events/gate-check.ts'
import type { Message } from '../spool/message.ts'
import type { Provenance, Rejection, Submitter } from './acceptor.ts'

export function receivedEvent(reception: {
  readonly message: Message
  readonly submitter: Submitter
  readonly provenance: Provenance
  readonly facts: HeaderFacts
  readonly signedBy: readonly string[]
  /** What its gate would have refused it for; nearly always `null`. */
  readonly warned: readonly GateCheck[] | null
  readonly node: string
  readonly now: Instant
}): Unwritten<ReceivedEvent> {
  const { message, facts } = reception
  return {
    type: 'message.received',
    at: timestampOf(reception.now),
    node: reception.node,
    tenant: message.tenant,
    stream: message.stream,
    campaign: message.campaign,
    messageId: message.id,
    size: message.size,
    recipients: message.envelope.recipients.map(({ forwardPath }) => forwardPath),
    reversePath: message.envelope.reversePath ?? '',
    headerFrom: facts.headerFrom,
    headerMessageId: facts.messageId,
    subject: facts.subject,
    peer: reception.provenance.address,
    protocol: reception.provenance.protocol,
    credential: reception.submitter.credential,
    signedBy: [...reception.signedBy],
    ...(message.sandbox && { sandbox: true }),
    ...(reception.warned && { warned: [...reception.warned] }),
    ...(message.retryOf && { retryOf: message.retryOf }),
    ...(message.labels && { tags: [...message.labels.tags], metadata: message.labels.metadata }),
  }
}

export function rejectedEvent(
  rejection: Rejection,
  node: string,
  now: Instant,
): Unwritten<RejectedEvent> {
  return {
    type: 'message.rejected',
    at: timestampOf(now),
    node,
    tenant: rejection.submitter?.tenant ?? null,
    stream: rejection.submitter?.stream ?? null,
    campaign: null,
    reply: rejection.reply,
    peer: rejection.provenance.address,
    reversePath: rejection.reversePath,
    recipient: rejection.recipient,
  }
}
