// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import test from 'node:test'
import { createTransport } from 'nodemailer'
import { beginTransaction, greeted, startSink } from '../../../test/support/running-sink.ts'
import { sinkCertificate as certificate } from '../../../test/support/sink-certificate.ts'
import { ms, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { generous } from './temperament.ts'

/** What a mail library makes of a recipient: the reply, or `delivered`. */
async function outcomeOf(port: number, recipient: string): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port, tls: { rejectUnauthorized: false } })
  const message = { from: 'shop@example.org', to: recipient, subject: 'x', text: 'y' }
  return await transport.sendMail(message).then(
    () => 'delivered',
    (thrown) => String(thrown.response ?? thrown.code),
  )
}

const answers = [
  ['ok@example.net', /^delivered$/],
  ['whoever@example.net', /^delivered$/],
  ['tempfail@example.net', /^451 4\.3\.0 /],
  ['TempFail+7@example.net', /^451 4\.3\.0 /],
  ['permfail@example.net', /^550 5\.1\.1 /],
  ['unknown@example.net', /^550 5\.1\.1 <unknown@example\.net>/],
  ['full@example.net', /^552 5\.2\.2 Mailbox full/],
  ['greylist@example.net', /^450 4\.7\.1 /],
  ['drop-in-data@example.net', /^ECONN/],
  ['drop-after-dot@example.net', /^ECONN/],
] as const

for (const [recipient, expected] of answers)
  test(`a mail library that sends to ${recipient} is told ${expected.source}`, async () => {
    await using running = await startSink()
    assert.match(await outcomeOf(running.port, recipient), expected)
    const isDelivered = expected.test('delivered')
    assert.equal(running.messages.length, isDelivered ? 1 : 0)
    assert.equal(running.sink.tally.counts.accepted, isDelivered ? 1 : 0)
  })

test('refused recipients are told and counted, and the others get the message', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  assert.match(await beginTransaction(dialog, 'full@example.net'), /^552 /)
  assert.match(await dialog.say('RCPT TO:<tempfail@example.net>'), /^451 /)
  assert.match(await dialog.say('RCPT TO:<a@example.net>'), /^250 /)
  await dialog.say('DATA')
  assert.match(await dialog.say('\r\n.'), /^250 /)
  assert.deepEqual(running.messages[0]?.recipients, ['a@example.net'])
  assert.deepEqual(
    running.refusals.map(({ recipient, reply }) => [recipient, reply.code]),
    [
      ['full@example.net', 552],
      ['tempfail@example.net', 451],
    ],
  )
  const { accepted, full, tempfail } = running.sink.tally.counts
  assert.deepEqual([accepted, full, tempfail], [1, 1, 1])
})

test('greylist@ lets a triplet in once its time is over, and no other', async () => {
  const clock = new ManualClock()
  await using running = await startSink({ clock })
  assert.match(await outcomeOf(running.port, 'greylist@example.net'), /^450 /)
  clock.advance(ms(1_999))
  assert.match(await outcomeOf(running.port, 'greylist@example.net'), /^450 /)
  clock.advance(ms(1))
  assert.match(await outcomeOf(running.port, 'greylist+b@example.net'), /^450 /)
  assert.equal(await outcomeOf(running.port, 'greylist@example.net'), 'delivered')
  assert.equal(running.sink.tally.counts.greylisted, 3)
})

test('slow@ answers the content late', async () => {
  const picked = { ...generous.picked, slow: ms(120) }
  await using running = await startSink({ temperament: { picked } })
  const begun = performance.now()
  assert.equal(await outcomeOf(running.port, 'slow@example.net'), 'delivered')
  assert.ok(performance.now() - begun >= 119)
})

test('throttle-421@ ends the session above its rate, and takes mail again later', async () => {
  const clock = new ManualClock()
  await using running = await startSink({ clock })
  const recipient = 'throttle-421@example.net'
  assert.equal(await outcomeOf(running.port, recipient), 'delivered')
  assert.equal(await outcomeOf(running.port, recipient), 'delivered')
  assert.match(await outcomeOf(running.port, recipient), /^421 4\.7\.0 .*127\.0\.0\.1/)
  clock.advance(ms(500))
  assert.equal(await outcomeOf(running.port, recipient), 'delivered')
  assert.equal(running.sink.tally.counts.throttled, 1)
})

test('hang@ never answers, and the session ends when it was idle for too long', async () => {
  const clock = new ManualClock()
  await using running = await startSink({ clock })
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  await dialog.say('MAIL FROM:<a@example.org>')
  dialog.send('RCPT TO:<hang@example.net>\r\nNOOP\r\n')
  const { dialog: other } = await greeted(running.port)
  await using __ = other
  assert.equal(running.sink.tally.counts.misanswered, 1, 'the recipient was judged by now')
  clock.advance(seconds(301))
  assert.equal(await dialog.rest(), '')
  assert.match(await other.reply(), /^421 4\.4\.2 /, 'who was not hung is told')
})

test('flood@ gets a reply of 100,000 octets, nonsense@ one that is none', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  const flood = await beginTransaction(dialog, 'flood@example.net')
  assert.equal(flood.length, 99_998)
  dialog.send('RCPT TO:<nonsense@example.net>\r\nQUIT\r\n')
  assert.match(await dialog.rest(), / 999 what\?\r\n\r\n2five0 ok\r\n221 /)
  assert.equal(running.sink.tally.counts.misanswered, 2)
})

test('drop-in-data@ closes in the middle of the content, also in the middle of BDAT', async () => {
  await using running = await startSink()
  for (const content of ['DATA\r\n', 'BDAT 1000\r\nbeginning']) {
    const { dialog } = await greeted(running.port)
    await using _ = dialog
    await beginTransaction(dialog, 'drop-in-data@example.net')
    dialog.send(content)
    if (content.startsWith('DATA')) assert.match(await dialog.reply(), /^354 /)
    dialog.send('Subject: x\r\n')
    assert.equal(await dialog.rest(), '')
  }
  assert.equal(running.sink.tally.counts.dropped, 2)
})

test('no-starttls@ takes mail in clear only, and its clients are offered TLS no more', async () => {
  await using running = await startSink({ certificate })
  const recipient = 'no-starttls@example.net'
  assert.match((await greeted(running.port)).extensions, /STARTTLS/)
  assert.match(await outcomeOf(running.port, recipient), /^451 /)
  assert.equal(await outcomeOf(running.port, recipient), 'delivered')
  assert.equal(running.messages[0]?.tls, null)
  assert.doesNotMatch((await greeted(running.port)).extensions, /STARTTLS/)
})

test('lie-about-pipelining@ loses what was sent ahead', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  dialog.send('MAIL FROM:<>\r\nRCPT TO:<lie-about-pipelining@example.net>\r\nDATA\r\n')
  assert.match(await dialog.reply(), /^250 2\.1\.0/)
  assert.match(await dialog.reply(), /^250 2\.1\.5/)
  assert.match(await dialog.say('RSET'), /^250 2\.0\.0/, 'the DATA was never answered')
})
