// SPDX-License-Identifier: Apache-2.0
/** Mail for a relay under test: by its control socket, as `posthaste send` does, or by SMTP where parameters matter. */
import assert from 'node:assert/strict'
import { ControlClient } from '../../src/api/control-client.ts'
import { controlSocketFile } from '../../src/app/data-files.ts'
import type { RunningRelay } from './running-relay.ts'
import { SmtpDialog } from './smtp-dialog.ts'

export interface Mail {
  /** In the envelope and in From. */
  readonly from?: string
  readonly to: readonly string[]
  readonly tenant?: string
  /** Default: the tenant's. */
  readonly stream?: string
  readonly subject?: string
  readonly text?: string
}

/** Returns the message id. */
export async function send(relay: RunningRelay, mail: Mail): Promise<string> {
  const from = mail.from ?? 'orders@shop.example'
  const { messageId } = await new ControlClient(controlSocketFile(relay.dataDir)).post<{
    messageId: string
  }>('/v1/send', {
    tenant: mail.tenant ?? 'default',
    stream: mail.stream ?? null,
    reversePath: from,
    recipients: mail.to,
    content: Buffer.from(messageText({ ...mail, from })).toString('base64'),
  })
  return messageId
}

/** A message without trace fields, CRLF line ends. */
export function messageText(mail: Omit<Mail, 'to'> = {}): string {
  const { from = 'orders@shop.example', subject = 'Your order', text = 'Thank you.' } = mail
  return `From: <${from}>\r\nSubject: ${subject}\r\n\r\n${text}\r\n`
}

export interface Transaction {
  /** Everything after `MAIL FROM:`. */
  readonly mail: string
  /** Everything after `RCPT TO:`. */
  readonly rcpt: readonly string[]
  readonly content?: string
}

/** A relay, or another server, on loopback. */
interface Listening {
  readonly port: number
}

/** A session of an address that the server trusts, which has said EHLO. */
export async function openSession(server: Listening): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(server.port)
  assert.match(await dialog.reply(), /^220 /)
  assert.match(await dialog.say('EHLO client.example'), /^250-/)
  return dialog
}

/** The reply to the content; what comes before must be taken. */
export async function transact(dialog: SmtpDialog, transaction: Transaction): Promise<string> {
  assert.match(await dialog.say(`MAIL FROM:${transaction.mail}`), /^250 /)
  for (const rcpt of transaction.rcpt) assert.match(await dialog.say(`RCPT TO:${rcpt}`), /^250 /)
  assert.match(await dialog.say('DATA'), /^354 /)
  return await dialog.say(`${transaction.content ?? messageText()}.`)
}

/** One transaction in a session of its own. */
export async function sendBySmtp(server: Listening, transaction: Transaction): Promise<string> {
  await using dialog = await openSession(server)
  return await transact(dialog, transaction)
}
