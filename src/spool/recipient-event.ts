// SPDX-License-Identifier: Apache-2.0
/** What every event about one recipient says; and the event of one who is not tried at all. */
import type { Instant } from '../base/brand.ts'
import { type SuppressedEvent, timestampOf, type Unwritten } from '../events/event.ts'
import type { Decisive } from '../records/suppressions/suppression.ts'
import { suppressionName } from '../records/suppressions/suppression-name.ts'
import type { WaitingRecipient } from './message.ts'
import type { QueueName } from './queue-name.ts'
import { isSandboxed } from './sandbox.ts'

export function ofRecipient(
  { message, index }: WaitingRecipient,
  queue: QueueName,
  node: string,
  at: Instant,
) {
  return {
    at: timestampOf(at),
    node,
    tenant: message.tenant,
    stream: message.stream,
    campaign: message.campaign,
    messageId: message.id,
    recipientIndex: index,
    recipient: message.envelope.recipients[index]?.forwardPath ?? '',
    queue,
    ...(isSandboxed(queue) && SANDBOX),
  }
}

const SANDBOX = { sandbox: true } as const

/** No submitter is told by a DSN: nothing has failed. */
export function suppressedEvent(
  waiting: WaitingRecipient,
  queue: QueueName,
  suppression: Decisive,
  node: string,
  at: Instant,
): Unwritten<SuppressedEvent> {
  return {
    type: 'message.suppressed',
    ...ofRecipient(waiting, queue, node, at),
    attempts: waiting.attempts,
    reason: suppression.reason,
    scope: suppression.scope.kind,
    suppression: suppressionName(suppression),
  }
}
