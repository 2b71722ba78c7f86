// SPDX-License-Identifier: Apache-2.0
/** Messages and events as accepting and delivering make them; a test changes what it is about. */
import { days, type Instant, plus } from '../../src/base/brand.ts'
import type {
  BouncedEvent,
  ComplainedEvent,
  DeferredEvent,
  DelayedEvent,
  DeliveredEvent,
  ExpiredEvent,
  ReceivedEvent,
  Unwritten,
} from '../../src/events/event.ts'
import { timestampOf } from '../../src/events/event.ts'
import type { CancelledEvent, ReleasedEvent } from '../../src/events/hold-events.ts'
import type { MessageId } from '../../src/events/ids.ts'
import { type Mailbox, parseMailbox } from '../../src/protocol/mailbox.ts'
import { reply } from '../../src/protocol/reply.ts'
import type { Message, WaitingRecipient } from '../../src/spool/message.ts'
import { queueOf } from '../../src/spool/queue-name.ts'

/** The scheduled queue of `sampleMessage`'s recipients. */
export const SAMPLE_QUEUE = 'receipts:shop@example.net'

/** One message to `recipients`, received at `at`. */
export function sampleMessage(
  id: MessageId,
  at: Instant,
  change: Partial<Message> & { readonly recipients?: readonly string[] } = {},
): Message {
  const { recipients = ['ada@example.net'], ...fields } = change
  return {
    id,
    receivedAt: at,
    expiresAt: plus(at, days(5)),
    tenant: 'shop',
    stream: 'receipts',
    campaign: null,
    envelope: {
      reversePath: mailbox('orders@shop.example'),
      recipients: recipients.map((text) => ({
        forwardPath: mailbox(text),
        notify: null,
        originalRecipient: null,
      })),
      body: '7BIT',
      smtputf8: false,
      ret: null,
      envid: null,
    },
    returnPathDomain: null,
    mayShareTransaction: false,
    reports: { delayAt: null },
    priority: 2,
    retryOf: null,
    size: 0,
    ...fields,
  }
}

export function sampleReceived(message: Message): Unwritten<ReceivedEvent> {
  return {
    ...ofMessage(message, message.receivedAt),
    type: 'message.received',
    size: message.size,
    recipients: message.envelope.recipients.map(({ forwardPath }) => forwardPath),
    reversePath: message.envelope.reversePath ?? '',
    headerFrom: 'orders@shop.example',
    headerMessageId: '<1@shop.example>',
    subject: 'Your order',
    peer: '192.0.2.1',
    protocol: 'ESMTPSA',
    credential: 'c1',
    signedBy: ['shop.example'],
  }
}

export function sampleDelivered(of: WaitingRecipient, at: Instant): Unwritten<DeliveredEvent> {
  return {
    ...ofAttempt(of, at),
    type: 'message.delivered',
    reply: reply(250, '2.0.0', 'Ok: queued as 4XyZ'),
  }
}

export function sampleDeferred(
  of: WaitingRecipient,
  at: Instant,
  nextAttemptAt: Instant,
): Unwritten<DeferredEvent> {
  return {
    ...ofAttempt(of, at),
    type: 'message.deferred',
    reply: reply(450, '4.2.1', 'Try again later'),
    said: 'peer',
    nextAttemptAt: timestampOf(nextAttemptAt),
  }
}

export function sampleBounced(of: WaitingRecipient, at: Instant): Unwritten<BouncedEvent> {
  return {
    ...ofAttempt(of, at),
    type: 'message.bounced',
    reply: reply(550, '5.1.1', 'No such user'),
    by: 'peer',
  }
}

export function sampleExpired(of: WaitingRecipient, at: Instant): Unwritten<ExpiredEvent> {
  return {
    ...ofMessage(of.message, at),
    type: 'message.expired',
    recipientIndex: of.index,
    recipient: of.message.envelope.recipients[of.index]?.forwardPath ?? '',
    queue: queueOf(of.message, of.index),
    attempts: of.attempts,
    lastReply: of.lastAttempt?.reply ?? null,
  }
}

export function sampleDelayed(of: WaitingRecipient, at: Instant): Unwritten<DelayedEvent> {
  return {
    ...sampleExpired(of, at),
    type: 'message.delayed',
    nextAttemptAt: timestampOf(of.dueAt),
    retriesUntil: timestampOf(of.message.expiresAt),
  }
}

export function sampleReleased(of: WaitingRecipient, at: Instant): Unwritten<ReleasedEvent> {
  const { attempts, lastReply, ...rest } = sampleExpired(of, at)
  return {
    ...rest,
    type: 'message.released',
    by: 'root',
    priority: of.message.priority,
    nextAttemptAt: timestampOf(at),
  }
}

export function sampleCancelled(of: WaitingRecipient, at: Instant): Unwritten<CancelledEvent> {
  const { lastReply, ...rest } = sampleExpired(of, at)
  return { ...rest, type: 'message.cancelled', by: 'root' }
}

function ofAttempt(of: WaitingRecipient, at: Instant) {
  return {
    ...ofMessage(of.message, at),
    recipientIndex: of.index,
    recipient: of.message.envelope.recipients[of.index]?.forwardPath ?? '',
    queue: queueOf(of.message, of.index),
    site: 'mx.example.net',
    source: 'default',
    mx: 'mx.example.net[192.0.2.25]:25',
    tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', verified: true },
    attempt: of.attempts + 1,
    delays: { beforeQueue: 3, inQueue: 1, connect: 0, transmit: 12 },
    conversation: ['C: MAIL FROM:<orders@shop.example>', 'S: 250 Ok', 'S: 250 2.0.0 Ok'],
  }
}

function ofMessage(message: Message, at: Instant) {
  const { id, tenant, stream, campaign } = message
  return { at: timestampOf(at), node: 'test', tenant, stream, campaign, messageId: id }
}

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (parsed === null) throw new TypeError(`no mailbox: ${text}`)
  return parsed
}

export function sampleComplained(message: Message, at: Instant): Unwritten<ComplainedEvent> {
  return {
    type: 'message.complained',
    at: timestampOf(at),
    node: 'relay.example',
    tenant: message.tenant,
    stream: message.stream,
    campaign: message.campaign,
    messageId: message.id,
    recipientIndex: 0,
    recipient: message.envelope.recipients[0]?.forwardPath ?? '',
    feedbackType: 'abuse',
    certainty: 'proven',
    reportingMta: null,
    peer: '192.0.2.1',
  }
}
