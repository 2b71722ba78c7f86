// SPDX-License-Identifier: Apache-2.0
/** One message by a client of a few commands; for where it is not the client that a test is about. */
import assert from 'node:assert/strict'
import { SmtpDialog } from './smtp-dialog.ts'

export interface HandedIn {
  readonly from?: string
  readonly to: string
  /** With CRLF at the ends of lines, dots not stuffed. */
  readonly content?: string
}

/** Resolves with the reply to the content, which must be 250; the server must trust loopback. */
export async function handIn(port: number, message: HandedIn): Promise<string> {
  const { from = 'shop@example.org', to, content = `From: ${from}\r\n\r\nHello.\r\n` } = message
  await using dialog = await SmtpDialog.open(port)
  assert.match(await dialog.reply(), /^220 /)
  assert.match(await dialog.say('EHLO client.example'), /^250-/)
  assert.match(await dialog.say(`MAIL FROM:<${from}>`), /^250 /)
  assert.match(await dialog.say(`RCPT TO:<${to}>`), /^250 /)
  assert.match(await dialog.say('DATA'), /^354 /)
  const reply = await dialog.say(`${content.replaceAll(/^\./gm, '..')}.`)
  assert.match(reply, /^250 /)
  return reply
}
