// SPDX-License-Identifier: Apache-2.0
/** For mail that comes back: a message that was delivered, what is brought to the inbound listener, and what follows. */

import assert from 'node:assert/strict'
import { until } from './in-time.ts'
import { outcomeOf } from './outcomes.ts'
import { type Mail, send, sendBySmtp } from './relay-mail.ts'
import type { RunningRelay } from './running-relay.ts'
import type { RunningSink } from './running-sink.ts'

/** A message that the sink took, and the return path that it has seen. */
export async function deliveredTo(
  sink: RunningSink,
  relay: RunningRelay,
  mail: Mail,
): Promise<{ readonly id: string; readonly path: string }> {
  const id = await send(relay, mail)
  await outcomeOf(relay, id, 'delivered')
  const [first = ''] = mail.to
  const received = sink.messages.findLast(({ recipients }) => recipients.includes(first))
  assert.ok(received)
  return { id, path: received.reversePath }
}

/** By SMTP to the listener `inbound`; the reply to the content. */
export function bring(
  relay: RunningRelay,
  to: string,
  content: string,
  from = '<>',
): Promise<string> {
  return sendBySmtp({ port: relay.portOf('inbound') }, { mail: from, rcpt: [`<${to}>`], content })
}

/** A delivery report of a server that returns nothing of the mail. `refusal`: its enhanced code, and words. */
export function failureOf(recipient: string, refusal = '5.2.1 Mailbox disabled'): string {
  return [
    'From: MAILER-DAEMON@mx.example',
    'Subject: Undelivered mail',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    `Status: ${refusal.split(' ', 1)[0]}`,
    `Diagnostic-Code: smtp; 550 ${refusal}`,
    '',
    '--b--',
    '',
  ].join('\r\n')
}

/** Resolves when a suppression names the address. */
export async function untilSuppressed(relay: RunningRelay, address: string): Promise<void> {
  const entries = async () =>
    (await relay.json('suppression', 'show', address)) as readonly unknown[]
  await until(
    async () => (await entries()).length > 0,
    () => `nothing suppresses ${address}:\n${relay.log}`,
  )
}
