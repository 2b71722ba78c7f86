// SPDX-License-Identifier: Apache-2.0
/** Bounds of the submission listener: who may submit, how much, how long, and how it stops. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { ms } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import { memoryLimits } from '../../src/base/limits/process-limits.ts'
import { reply } from '../../src/protocol/reply.ts'
import { type ListenerSettings, RunningListener } from '../support/running-listener.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const MINUTE_MS = 60_000

async function opened(running: RunningListener): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(running.port)
  await dialog.reply()
  return dialog
}

async function said(running: RunningListener, lines: readonly string[]): Promise<SmtpDialog> {
  const dialog = await opened(running)
  for (const line of lines) await dialog.say(line)
  return dialog
}

function trusting(limits: ListenerSettings['limits'] = {}): Promise<RunningListener> {
  return RunningListener.start({ isTrusting: true, limits })
}

const ENVELOPE = ['EHLO c', 'MAIL FROM:<a@shop.example>', 'RCPT TO:<b@example.net>']

test('nobody relays without AUTH or trust, and the first attempt becomes a rejection', async () => {
  await using running = await RunningListener.start()
  await using dialog = await said(running, ['EHLO c', 'FOO'])
  assert.equal(await dialog.say('MAIL FROM:<a@shop.example>'), '530 5.7.0 Authentication required')
  assert.match(await dialog.say('RCPT TO:<b@example.net>'), /^503 /)
  assert.match(await dialog.say('MAIL FROM:<c@shop.example>'), /^530 /)
  const [rejection, ...more] = running.acceptor.rejections
  assert.equal(more.length, 0)
  assert.equal(rejection?.submitter, null)
  assert.equal(rejection?.reversePath, 'a@shop.example')
  assert.equal(rejection?.provenance.address, '127.0.0.1')
  assert.equal(running.listener.counts.refused, 1)
})

test('what is refused of a submitter becomes a rejection, by listener or gate', async () => {
  await using running = await trusting()
  await using dialog = await said(running, ['EHLO c', 'MAIL FROM:<refused@shop.example>'])
  await dialog.say('RCPT TO:<bad>')
  await dialog.say('RCPT TO:<b@example.net>')
  await dialog.say('DATA')
  await dialog.say('.')
  assert.deepEqual(
    running.acceptor.rejections.map((each) => [each.recipient, each.reversePath, each.reply.code]),
    [
      ['bad', 'refused@shop.example', 501],
      [null, 'refused@shop.example', 550],
    ],
  )
})

test('mail is shed at MAIL where the acceptor says so', async () => {
  await using running = await trusting()
  await using dialog = await said(running, ['EHLO c'])
  running.acceptor.admits = reply(452, '4.3.1', 'Disk is nearly full')
  assert.equal(await dialog.say('MAIL FROM:<>'), '452 4.3.1 Disk is nearly full')
  running.acceptor.admits = null
  assert.match(await dialog.say('MAIL FROM:<>'), /^250 /)
})

test('content over the limit is refused when it has ended, and the session goes on', async () => {
  await using running = await trusting({ messageOctets: 1_000 })
  await using dialog = await said(running, [...ENVELOPE, 'DATA'])
  assert.match(await dialog.say(`${'x'.repeat(998)}\r\ny\r\n.`), /^552 5\.3\.4 /)
  assert.match(await dialog.say('MAIL FROM:<> SIZE=1000'), /^250 /)
  assert.equal(running.acceptor.drafts[0]?.end, 'aborted')
})

test('sessions over the limit are sent away at the greeting, and one that ends makes room', async () => {
  await using running = await trusting({ sessionsPerAddress: 1 })
  await using first = await opened(running)
  await using second = await SmtpDialog.open(running.port)
  assert.match(await second.rest(), /^421 4\.7\.0 Too many sessions/)
  await first.say('QUIT')
  await first.rest()
  while (running.listener.counts.sessions > 0) await new Promise(setImmediate)
  await using third = await SmtpDialog.open(running.port)
  assert.match(await third.reply(), /^220 /)
  const { sessions, sessionsTotal, sessionsRefused } = running.listener.counts
  assert.deepEqual([sessions, sessionsTotal, sessionsRefused], [1, 3, 1])
})

test('a session that the memory does not allow is sent away at the greeting, until others have gone', async () => {
  await using running = await RunningListener.start({
    isTrusting: true,
    memoryOctets: 2 * memoryLimits.sessionOctets,
  })
  await using first = await opened(running)
  await using second = await opened(running)
  await using third = await SmtpDialog.open(running.port)
  assert.match(await third.rest(), /^421 4\.3\.2 Too busy/)
  assert.match(await first.say('NOOP'), /^250 /)
  for (const dialog of [first, second]) {
    await dialog.say('QUIT')
    await dialog.rest()
  }
  while (running.listener.counts.sessions > 0) await new Promise(setImmediate)
  await using fourth = await SmtpDialog.open(running.port)
  assert.match(await fourth.reply(), /^220 /)
})

test('a client that floods us and reads nothing is cut when there is no memory left', async () => {
  const memoryOctets = 8 * memoryLimits.sessionOctets
  await using running = await RunningListener.start({ isTrusting: true, memoryOctets })
  const flood = connect(running.port, '127.0.0.1').pause()
  flood.on('error', () => {})
  flood.write('NOOP\r\n'.repeat(2_000_000))
  await once(flood, 'connect')
  while (running.listener.counts.sessionsTotal === 0) await new Promise(setImmediate)
  while (running.listener.counts.sessions > 0) await new Promise(setImmediate)
  flood.destroy()
})

test('a client that is silent too long is closed with 421 4.4.2', async () => {
  await using running = await trusting()
  await using dialog = await said(running, ['EHLO c'])
  running.wait(4 * MINUTE_MS)
  assert.match(await dialog.say('NOOP'), /^250 /)
  running.wait(4 * MINUTE_MS)
  assert.match(await dialog.say('NOOP'), /^250 /)
  running.wait(5 * MINUTE_MS + 1_000)
  assert.match(await dialog.rest(), /^421 4\.4\.2 /)
})

test('a client that stops in the middle of content is closed, and its draft aborted', async () => {
  await using running = await trusting({ contentTimeoutMs: MINUTE_MS })
  await using dialog = await said(running, [...ENVELOPE, 'DATA'])
  running.wait(MINUTE_MS + 1_000)
  assert.match(await dialog.rest(), /^421 4\.4\.2 /)
  assert.equal(running.acceptor.drafts[0]?.end, 'aborted')
})

test('our own slowness is not held against the client', async () => {
  await using running = await trusting()
  await using dialog = await said(running, ['EHLO c', 'MAIL FROM:<held@shop.example>'])
  dialog.send('RCPT TO:<b@example.net>\r\nDATA\r\n')
  await dialog.reply()
  await dialog.reply()
  dialog.send('hello\r\n.\r\n')
  const draft = await running.acceptor.draft(0)
  while (draft.content === '') await new Promise(setImmediate)
  running.wait(10 * MINUTE_MS)
  draft.letGo()
  assert.match(await dialog.reply(), /^250 2\.0\.0 /)
})

test('a session ends after its time, however busy', async () => {
  await using running = await trusting({ sessionTimeoutMs: 10 * MINUTE_MS })
  await using dialog = await said(running, ['EHLO c'])
  for (let minutes = 0; minutes < 9; minutes += 3) {
    running.wait(3 * MINUTE_MS)
    assert.match(await dialog.say('NOOP'), /^250 /)
  }
  running.wait(MINUTE_MS + 1_000)
  assert.match(await dialog.rest(), /^421 4\.4\.2 /)
})

for (const line of ['x'.repeat(20_000), `AUTH PLAIN ${'A'.repeat(20_000)}\r\n`])
  test(`a line that begins ${line.slice(0, 12)} and does not end in time is cut off`, async () => {
    await using running = await trusting()
    await using dialog = await opened(running)
    dialog.send(line)
    assert.match(await dialog.rest(), /^500 5\.5\.2 Line too long/)
  })

test('draining lets a transaction end, and closes who is idle', async () => {
  await using running = await trusting()
  await using idle = await said(running, ['EHLO c'])
  await using busy = await said(running, [...ENVELOPE, 'DATA'])
  const drained = running.listener.drain(ms(30_000))
  assert.match(await idle.rest(), /^421 4\.3\.2 /)
  assert.match(await busy.say('hello\r\n.'), /^250 2\.0\.0 /)
  assert.match(await busy.rest(), /^421 4\.3\.2 /)
  await drained
  assert.equal(running.acceptor.accepted.length, 1)
  await assert.rejects(SmtpDialog.open(running.port), /ECONNREFUSED/)
})

test('draining cuts at the deadline what has not ended', async () => {
  await using running = await trusting()
  await using busy = await said(running, [...ENVELOPE, 'DATA'])
  const drained = running.listener.drain(ms(30_000))
  running.wait(31_000)
  await drained
  assert.equal(await busy.rest(), '')
  assert.equal(running.acceptor.drafts[0]?.end, 'aborted')
})

test('a port in use is an error that names it', async () => {
  await using running = await trusting()
  await assert.rejects(
    RunningListener.start({ port: running.port }),
    (thrown) =>
      thrown instanceof RelayError &&
      thrown.code === 'RLY_PORT_IN_USE' &&
      thrown.message.includes(`127.0.0.1:${running.port}`),
  )
})
