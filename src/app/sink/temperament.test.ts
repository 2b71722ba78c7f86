// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import test from 'node:test'
import { createTransport } from 'nodemailer'
import { beginTransaction, greeted, startSink } from '../../../test/support/running-sink.ts'
import { sinkCertificate as certificate } from '../../../test/support/sink-certificate.ts'
import { SmtpDialog } from '../../../test/support/smtp-dialog.ts'
import { ms, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { googleReplies, microsoftReplies, yahooReplies } from './receiver-replies.ts'
import { drawDelay } from './temperament.ts'

test('a provider allows so many connections of one client and takes the next when one is gone', async () => {
  await using running = await startSink({
    temperament: { connections: 2, replies: microsoftReplies },
  })
  const { dialog } = await greeted(running.port)
  const { dialog: second } = await greeted(running.port)
  await using _ = second
  const third = await SmtpDialog.open(running.port)
  assert.match(await third.reply(), /^421 RP-003 .*connection limit/)
  assert.equal(await third.reply(), '(closed)')
  assert.match(await dialog.say('QUIT'), /^221 /)
  await dialog.rest()
  await using fourth = await SmtpDialog.open(running.port)
  assert.match(await fourth.reply(), /^220 /)
  assert.equal(running.sink.tally.counts.tooManyConnections, 1)
})

test('a provider throttles above its rate in its own words, and recovers with time', async () => {
  const clock = new ManualClock()
  const messageRate = { count: 2, per: seconds(1) }
  await using running = await startSink({
    clock,
    temperament: { messageRate, replies: googleReplies },
  })
  const { dialog } = await greeted(running.port)
  for (let count = 1; count <= 2; count++) {
    assert.match(await dialog.say('MAIL FROM:<a@example.org>'), /^250 /)
    await dialog.say('RSET')
  }
  const reply = await dialog.say('MAIL FROM:<a@example.org>')
  assert.equal(reply.split('\n').length, 6)
  assert.match(reply, /^421-4\.7\.28 \[127\.0\.0\.1\] Our system has detected an unusual rate/)
  assert.match(reply, /\n421 4\.7\.28 review our Bulk Email Senders Guidelines/)
  assert.equal(await dialog.reply(), '(closed)')
  clock.advance(ms(500))
  const { dialog: later } = await greeted(running.port)
  await using _ = later
  assert.match(await later.say('MAIL FROM:<a@example.org>'), /^250 /)
  assert.equal(running.sink.tally.counts.dismissed, 1)
})

test('a provider carries so many messages on one connection', async () => {
  await using running = await startSink({
    temperament: { messagesPerConnection: 1, replies: yahooReplies },
  })
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  await beginTransaction(dialog, 'a@example.net')
  await dialog.say('DATA')
  assert.match(await dialog.say('\r\n.'), /^250 /)
  assert.match(await dialog.say('MAIL FROM:<a@example.org>'), /^421 Max message per connection/)
})

test('a provider that greylists puts every new triplet off', async () => {
  const clock = new ManualClock()
  await using running = await startSink({ clock, temperament: { greylist: seconds(60) } })
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  assert.match(await beginTransaction(dialog, 'a@example.net'), /^450 4\.7\.1/)
  clock.advance(seconds(60))
  assert.match(await dialog.say('RCPT TO:<a@example.net>'), /^250 /)
  assert.match(await dialog.say('RCPT TO:<ok@example.net>'), /^250 /, 'ok@ is always ok')
})

test('a provider knows its mailboxes', async () => {
  await using running = await startSink({
    temperament: {
      isUnknown: (localPart) => localPart.startsWith('gone'),
      isFull: (localPart) => localPart.startsWith('hoarder'),
    },
  })
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  assert.match(await beginTransaction(dialog, 'gone.long.ago@example.net'), /^550 5\.1\.1/)
  assert.match(await dialog.say('RCPT TO:<Hoarder@example.net>'), /^552 5\.2\.2/)
  assert.match(await dialog.say('RCPT TO:<somebody@example.net>'), /^250 /)
})

test('a provider without TLS does not offer it; one whose TLS is broken answers with nonsense', async () => {
  await using clear = await startSink({ certificate, temperament: { tls: false } })
  assert.doesNotMatch((await greeted(clear.port)).extensions, /STARTTLS/)

  await using broken = await startSink({ certificate, temperament: { tls: 'broken' } })
  assert.match((await greeted(broken.port)).extensions, /STARTTLS/)
  const transport = createTransport({ host: '127.0.0.1', port: broken.port, requireTLS: true })
  await assert.rejects(transport.sendMail({ from: 'a@example.org', to: 'b@example.net' }), /SSL/)
  assert.equal(broken.sink.tally.counts.tlsFailed, 1)
})

test('a handshake that the client breaks off is counted, and the server goes on', async () => {
  await using running = await startSink({ certificate })
  const { dialog } = await greeted(running.port)
  await dialog.say('STARTTLS')
  dialog.send('EHLO in clear\r\n')
  await dialog.rest()
  assert.equal(running.sink.tally.counts.tlsFailed, 1)
  const { dialog: other } = await greeted(running.port)
  await using _ = other
  assert.match(await other.say('NOOP'), /^250 /)
})

test('a provider that lies about pipelining loses whatever was sent ahead of a reply', async () => {
  await using running = await startSink({ temperament: { pipelining: 'lie' } })
  const { dialog, extensions } = await greeted(running.port)
  await using _ = dialog
  assert.match(extensions, /PIPELINING/)
  dialog.send('MAIL FROM:<>\r\nRCPT TO:<a@example.net>\r\n')
  assert.match(await dialog.reply(), /^250 2\.1\.0/)
  assert.match(await dialog.say('RCPT TO:<a@example.net>'), /^250 2\.1\.5/)
  assert.match(await dialog.say('DATA'), /^354 /)
  dialog.send('Subject: x\r\n')
  assert.match(await dialog.say('\r\nhello\r\n.'), /^250 /, 'content is not lost')
})

test('extensions can be left out', async () => {
  await using running = await startSink({ temperament: { pipelining: false, chunking: false } })
  assert.doesNotMatch((await greeted(running.port)).extensions, /PIPELINING|CHUNKING/)
})

test('a provider answers after its delay', async () => {
  const replyDelay = { median: ms(30), p99: ms(31) }
  await using running = await startSink({
    random: new SeededRandom(1),
    temperament: { replyDelay },
  })
  const begun = performance.now()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  assert.ok(performance.now() - begun > 50, 'two replies')
})

test('delays are drawn from the distribution that was asked for', () => {
  const random = new SeededRandom(7)
  const draws = Array.from({ length: 4_000 }, () =>
    drawDelay({ median: ms(40), p99: ms(400) }, random),
  ).toSorted((a, b) => a - b)
  const [median = 0, p99 = 0] = [draws[2_000], draws[3_960]]
  assert.ok(median > 37 && median < 43, `median ${median}`)
  assert.ok(p99 > 320 && p99 < 480, `99th percentile ${p99}`)
})
