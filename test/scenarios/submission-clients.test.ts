// SPDX-License-Identifier: Apache-2.0
/** Clients that go away, that only talk, that do not listen, and content that is more than a sink can take. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { RunningListener } from '../support/running-listener.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const GROUP = 'EHLO c\r\nMAIL FROM:<a@shop.example>\r\nRCPT TO:<b@example.net>\r\n'

/** What a client says before it goes away, and what becomes of its draft. */
const stages: readonly (readonly [string, string, 'aborted' | null])[] = [
  ['before EHLO', '', null],
  ['in the middle of a line', 'EHL', null],
  ['after RCPT', GROUP, null],
  ['before content', `${GROUP}DATA\r\n`, 'aborted'],
  ['in content', `${GROUP}DATA\r\nhalf a li`, 'aborted'],
  ['in the end of content', `${GROUP}DATA\r\nx\r\n.\r`, 'aborted'],
  ['in a chunk', `${GROUP}BDAT 10\r\nhalf`, 'aborted'],
  ['between chunks', `${GROUP}BDAT 4\r\nhalf`, 'aborted'],
]

for (const [stage, said, end] of stages)
  for (const way of ['end', 'resetAndDestroy'] as const)
    test(`a client that goes away ${stage} by ${way} leaves nothing behind`, async () => {
      await using running = await RunningListener.start({ isTrusting: true })
      const socket = connect(running.port, '127.0.0.1')
      socket.resume()
      await new Promise<void>((resolve) => {
        socket.write(said, () => resolve())
      })
      if (end !== null) await running.acceptor.draft(0)
      socket[way]()
      await once(socket, 'close')
      await untilAllLeft(running)
      assert.deepEqual(
        running.acceptor.drafts.map((draft) => draft.end),
        end === null ? [] : [end],
      )
    })

async function untilAllLeft(running: RunningListener): Promise<void> {
  while (running.listener.counts.sessions > 0) await new Promise(setImmediate)
}

test('a client that only talks and then ends is answered to the last word', async () => {
  await using running = await RunningListener.start({ isTrusting: true })
  const socket = connect({ port: running.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(`${GROUP.replace('a@', 'held@')}DATA\r\nhello\r\n.\r\nNOOP\r\n`)
  let heard = ''
  socket.on('data', (octets: Buffer) => {
    heard += octets.toString('latin1')
  })
  const draft = await running.acceptor.draft(0)
  draft.letGo()
  await once(socket, 'end')
  assert.match(heard, /354 [^\n]+\n250 2\.0\.0 Ok: queued as [^\n]+\n250 2\.0\.0 Ok\r\n$/)
  assert.equal(draft.content, 'hello\r\n')
})

test('commands after the end of content wait for its reply', async () => {
  await using running = await RunningListener.start({ isTrusting: true })
  await using dialog = await SmtpDialog.open(running.port)
  dialog.send(`${GROUP.replace('a@', 'held@')}DATA\r\nhello\r\n.\r\nNOOP\r\nFOO\r\n`)
  for (let replies = 0; replies < 5; replies++) await dialog.reply()
  const draft = await running.acceptor.draft(0)
  draft.letGo()
  assert.match(await dialog.reply(), /^250 2\.0\.0 Ok: queued/)
  assert.equal(await dialog.reply(), '250 2.0.0 Ok')
  assert.match(await dialog.reply(), /^500 /)
})

test('a client that never reads is not read either, and is cut in time', async () => {
  await using running = await RunningListener.start({ isTrusting: true })
  const socket = connect(running.port, '127.0.0.1')
  // Cut in the middle of a write: a reset.
  const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
  const commands = 'HELP\r\n'.repeat(10_000)
  // Until the buffers of both sides are full, and a while longer.
  for (let full = 0; full < 50; ) {
    if (!socket.write(commands)) full++
    await new Promise(setImmediate)
  }
  running.wait(301_000)
  await closed
  await untilAllLeft(running)
})

test('a sink that is full stops the reading until it is let go', async () => {
  await using running = await RunningListener.start({ isTrusting: true })
  running.acceptor.isSlow = true
  await using dialog = await SmtpDialog.open(running.port)
  dialog.send(`${GROUP}DATA\r\n`)
  for (let replies = 0; replies < 5; replies++) await dialog.reply()
  const content = `${'x'.repeat(70)}\r\n`.repeat(200_000)
  dialog.send(`${content}.\r\n`)
  const draft = await running.acceptor.draft(0)
  while (draft.content === '') await new Promise(setImmediate)
  for (let turns = 0; turns < 200; turns++) await new Promise(setImmediate)
  assert.ok(draft.content.length <= 128 * 1024, `took ${draft.content.length} octets`)
  draft.letGo()
  assert.match(await dialog.reply(), /^250 2\.0\.0 /)
  assert.equal(draft.content.length, content.length)
})

test('content is what the client meant, by DATA and by BDAT', async () => {
  await using running = await RunningListener.start({ isTrusting: true })
  await using dialog = await SmtpDialog.open(running.port)
  const content = 'Subject: x\r\n\r\n.\r\n..a\r\n\x80\xff\r\n'
  dialog.send(`${GROUP}DATA\r\n${content.replaceAll(/^\./gm, '..')}.\r\n`)
  const again = 'MAIL FROM:<>\r\nRCPT TO:<b@example.net>\r\n'
  dialog.send(`${again}BDAT 5\r\n${content.slice(0, 5)}`)
  dialog.send(`BDAT ${content.length - 5} LAST\r\n${content.slice(5)}`)
  dialog.send(`${again}BDAT 1 LAST\r\nx`)
  dialog.send('QUIT\r\n')
  await dialog.rest()
  assert.deepEqual(
    running.acceptor.accepted.map((draft) => draft.content),
    [content, content, 'x\r\n'],
  )
})
