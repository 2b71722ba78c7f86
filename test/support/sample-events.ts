// SPDX-License-Identifier: Apache-2.0
/** Events of a made-up shop; a test changes what it is about. */
import { instant } from '../../src/base/brand.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { type Event, timestampOf } from '../../src/events/event.ts'
import { SCHEMA_VERSION } from '../../src/events/event-head.ts'
import { journalId, type MessageId, newMessageId } from '../../src/events/ids.ts'

/** Of the message with that number, which is received at `START` plus as many seconds. */
export function sampleEvent(
  kind: 'received' | 'delivered' | 'bounced',
  number: number,
  at: number,
  change: Readonly<Record<string, unknown>> = {},
): Event {
  const reception = {
    size: 1_000,
    recipients: ['jane@example.net'],
    reversePath: 'orders@shop.example',
    headerFrom: 'orders@shop.example',
    headerMessageId: `<${number}@shop.example>`,
    subject: 'Your order',
    peer: '127.0.0.1',
    protocol: 'ESMTPSA',
    credential: null,
    signedBy: [],
  }
  const attempt = {
    recipientIndex: 0,
    recipient: 'jane@example.net',
    queue: 'receipts:shop@example.net',
    site: 'example.net',
    source: 'default',
    mx: null,
    tls: null,
    attempt: 1,
    reply: { code: kind === 'delivered' ? 250 : 550, enhanced: null, text: 'So be it' },
    delays: { beforeQueue: 1, inQueue: 1, connect: 1, transmit: 1 },
    conversation: [],
    ...(kind === 'bounced' && { by: 'peer' }),
  }
  return {
    id: `1.${number}.${kind}`,
    schemaVersion: SCHEMA_VERSION,
    type: `message.${kind}`,
    at: timestampOf(at),
    node: 'test',
    tenant: 'shop',
    stream: 'receipts',
    campaign: null,
    messageId: sampleMessageId(number),
    ...(kind === 'received' ? reception : attempt),
    ...change,
  } as unknown as Event
}

const START = Date.UTC(2026, 0, 1)

export function sampleMessageId(number: number): MessageId {
  return newMessageId(instant(START + number * 1_000), journalId(1), new SeededRandom(number))
}
