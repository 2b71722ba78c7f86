// SPDX-License-Identifier: Apache-2.0
/** What receivers say to a source that is warmed up. */
import type { Event } from '../../src/events/event.ts'

export const providerOf = (mx: string) => (mx.includes('.example[') ? 'outlook' : null)

export const THROTTLED = {
  code: 451,
  enhanced: '4.7.650',
  text: 'temporarily rate limited due to IP reputation (S775)',
}
export const throttled = { class: 'bad-reputation', fault: 'path', rule: 'words' }

/** An event of message `m` of source `out-1` at the provider. `at`: epoch milliseconds. */
export function answer(type: string, at: number, more: object = {}): Event {
  return {
    type: `message.${type}`,
    at: new Date(at).toISOString(),
    source: 'out-1',
    mx: 'mx1.mail.example[192.0.2.1]:25',
    recipientIndex: 0,
    messageId: 'm',
    reply: { code: 250, enhanced: null, text: 'OK' },
    ...more,
  } as unknown as Event
}
