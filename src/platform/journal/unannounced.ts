// SPDX-License-Identifier: Apache-2.0
/** The `received` event of mail whose own did not reach the disk: what the envelope tells, and nothing made up. */
import { type ReceivedEvent, timestampOf, type Unwritten } from '../../events/event.ts'
import type { Message } from '../../spool/message.ts'

export function receivedOf(message: Message, node: string): Unwritten<ReceivedEvent> {
  const { envelope } = message
  return {
    type: 'message.received',
    at: timestampOf(message.receivedAt),
    node,
    tenant: message.tenant,
    stream: message.stream,
    campaign: message.campaign,
    messageId: message.id,
    size: message.size,
    recipients: envelope.recipients.map(({ forwardPath }) => forwardPath),
    reversePath: envelope.reversePath ?? '',
    headerFrom: null,
    headerMessageId: null,
    subject: null,
    peer: '',
    protocol: '',
    credential: null,
    signedBy: [],
  }
}
