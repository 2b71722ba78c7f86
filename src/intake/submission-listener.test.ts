// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunningListener } from '../../test/support/running-listener.ts'
import { SmtpDialog } from '../../test/support/smtp-dialog.ts'
import { reply } from '../protocol/reply.ts'

const GONE = reply(421, '4.7.0', 'The credential is gone, closing')

async function begin(port: number, ...lines: readonly string[]): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(port)
  await dialog.reply()
  for (const line of ['EHLO c', ...lines]) assert.match(await dialog.say(line), /^(250|354)/)
  return dialog
}

test('Who may stay no longer is told so and cut off, whether it rests, names recipients or sends content', async () => {
  await using running = await RunningListener.start({ isTrusting: true })
  const { acceptor, listener, port } = running
  const envelope = ['MAIL FROM:<a@shop.example>', 'RCPT TO:<b@example.net>']
  await using resting = await begin(port, 'MAIL FROM:<a@shop.example>', 'RSET')
  await using naming = await begin(port, ...envelope)
  await using sending = await begin(port, ...envelope, 'DATA')
  sending.send('Subject: half\r\n')
  const draft = await acceptor.draft(0)
  listener.review()
  assert.equal(await resting.say('NOOP'), '250 2.0.0 Ok', 'nobody has to go yet')
  acceptor.dismisses = GONE
  listener.review()
  for (const dialog of [resting, naming, sending])
    assert.equal(await dialog.rest(), '421 4.7.0 The credential is gone, closing\r\n')
  assert.equal(draft.end, 'aborted')
})

test('A message that was handed over whole is answered before its client is cut off', async () => {
  await using running = await RunningListener.start({ isTrusting: true })
  const { acceptor, listener, port } = running
  await using dialog = await begin(
    port,
    'MAIL FROM:<held@shop.example>',
    'RCPT TO:<b@example.net>',
    'DATA',
  )
  dialog.send('Subject: whole\r\n\r\n.\r\nMAIL FROM:<held@shop.example>\r\n')
  const draft = await acceptor.draft(0)
  while (!draft.content.includes('whole')) await new Promise(setImmediate)
  acceptor.dismisses = GONE
  listener.review()
  assert.ok(await dialog.isSilent())
  draft.letGo()
  assert.match(await dialog.reply(), /^250 2\.0\.0 Ok: queued as /)
  assert.equal(await dialog.rest(), '421 4.7.0 The credential is gone, closing\r\n')
  assert.equal(acceptor.drafts.length, 1)
})

test('A stranger may stay, for it has nothing to lose', async () => {
  await using running = await RunningListener.start()
  await using dialog = await begin(running.port)
  running.acceptor.dismisses = GONE
  running.listener.review()
  assert.match(await dialog.say('NOOP'), /^250 /)
})
