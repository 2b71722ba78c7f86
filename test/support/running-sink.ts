// SPDX-License-Identifier: Apache-2.0
/** A listening sink and all that it told, for tests. */

import assert from 'node:assert/strict'
import type { SinkMessage, SinkRefusal } from '../../src/app/sink/sink-context.ts'
import { type SinkOptions, SinkServer } from '../../src/app/sink/sink-server.ts'
import { SmtpDialog } from './smtp-dialog.ts'

export interface RunningSink extends AsyncDisposable {
  readonly sink: SinkServer
  readonly port: number
  readonly messages: readonly SinkMessage[]
  readonly refusals: readonly SinkRefusal[]
}

/** Of loopback; port 0 is a free one. Several sinks may share a port at addresses of their own: 127.0.0.1, 127.0.0.2 … */
export async function startSink(
  options: SinkOptions = {},
  { port: wanted = 0, address = '127.0.0.1' }: { port?: number; address?: string } = {},
): Promise<RunningSink> {
  const messages: SinkMessage[] = []
  const refusals: SinkRefusal[] = []
  const sink = new SinkServer({
    onMessage: (message) => void messages.push(message),
    onRefusal: (refusal) => void refusals.push(refusal),
    ...options,
  })
  const port = await sink.listen(wanted, address)
  return { sink, port, messages, refusals, [Symbol.asyncDispose]: () => sink.close() }
}

/** A session that has said EHLO; the answer is in `extensions`. */
export async function greeted(
  port: number,
): Promise<{ readonly dialog: SmtpDialog; readonly extensions: string }> {
  const dialog = await SmtpDialog.open(port)
  assert.match(await dialog.reply(), /^220 /)
  return { dialog, extensions: await dialog.say('EHLO client.example') }
}

/** MAIL, which must succeed, and the reply to RCPT. */
export async function beginTransaction(dialog: SmtpDialog, recipient: string): Promise<string> {
  assert.match(await dialog.say('MAIL FROM:<shop@example.org>'), /^250 /)
  return await dialog.say(`RCPT TO:<${recipient}>`)
}
