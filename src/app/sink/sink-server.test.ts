// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import test from 'node:test'
import { createTransport } from 'nodemailer'
import { beginTransaction, greeted, startSink } from '../../../test/support/running-sink.ts'
import { sinkCertificate as certificate } from '../../../test/support/sink-certificate.ts'
import { SmtpDialog } from '../../../test/support/smtp-dialog.ts'

test('nodemailer delivers over STARTTLS, and the sink tells what came', async () => {
  await using running = await startSink({ certificate })
  const transport = createTransport({
    port: running.port,
    host: '127.0.0.1',
    requireTLS: true,
    tls: { rejectUnauthorized: false },
  })
  const sent = await transport.sendMail({
    from: 'shop@example.org',
    to: ['ok@example.net', 'anybody+else@example.net'],
    subject: 'A line with a dot',
    text: '.\n..two\nthree',
  })
  assert.equal(sent.accepted.length, 2)

  const [message] = running.messages
  assert.equal(message?.reversePath, 'shop@example.org')
  assert.deepEqual(message.recipients, ['ok@example.net', 'anybody+else@example.net'])
  assert.equal(message.messageId, sent.messageId)
  assert.equal(message.tls, 'TLSv1.3')
  assert.equal(message.size, message.content.length)
  assert.match(message.content.toString(), /\r\n\r\n\.\r\n\.\.two\r\nthree\r\n$/)
  const accepted = [...running.sink.tally.accepted]
  assert.deepEqual(
    accepted.map(({ recipient, messageId }) => [recipient, messageId]),
    message.recipients.map((recipient) => [recipient, sent.messageId]),
  )
  assert.equal(running.sink.tally.counts.accepted, 2)
  assert.equal(running.sink.tally.messages, 1)
})

test('EHLO offers every extension that the sink does, and STARTTLS only with a certificate', async () => {
  await using running = await startSink()
  const { dialog, extensions } = await greeted(running.port)
  await using _ = dialog
  const offered = extensions.split('\n').map((line) => line.slice(4))
  assert.deepEqual(offered.toSorted(), [
    '8BITMIME',
    'CHUNKING',
    'DSN',
    'ENHANCEDSTATUSCODES',
    'PIPELINING',
    'SIZE 52428800',
    'SMTPUTF8',
    'sink.localhost',
  ])
  assert.match(await dialog.say('STARTTLS'), /^502 /)
})

test('commands may be sent ahead, and each gets its reply in order', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  dialog.send('MAIL FROM:<> SIZE=10\r\nRCPT TO:<a@example.net> NOTIFY=NEVER\r\nDATA\r\n')
  assert.match(await dialog.reply(), /^250 2\.1\.0/)
  assert.match(await dialog.reply(), /^250 2\.1\.5/)
  assert.match(await dialog.reply(), /^354 /)
  dialog.send('Message-ID: <1@x>\r\n\r\nhello\r\n.\r\nNOOP\r\nQUIT\r\n')
  assert.match(await dialog.reply(), /^250 2\.0\.0 OK, message 1/)
  assert.match(await dialog.reply(), /^250 /)
  assert.match(await dialog.reply(), /^221 /)
  assert.equal(await dialog.reply(), '(closed)')
  assert.equal(running.messages[0]?.reversePath, '')
})

test('content may come in chunks by BDAT', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  await beginTransaction(dialog, 'a@example.net')
  dialog.send('BDAT 7\r\nMessageBDAT 12\r\n-ID: <7@x>\r\n')
  assert.match(await dialog.reply(), /^250 2\.0\.0 7 octets/)
  assert.match(await dialog.reply(), /^250 2\.0\.0 12 octets/)
  assert.match(await dialog.say('RCPT TO:<b@example.net>'), /^503 /)
  dialog.send('BDAT 5 LAST\r\n\r\n.\r\n')
  assert.match(await dialog.reply(), /^250 2\.0\.0 OK, message 1/)
  assert.equal(running.messages[0]?.content.toString(), 'Message-ID: <7@x>\r\n\r\n.\r\n')
  assert.equal(running.messages[0]?.messageId, '<7@x>')
})

test('without a transaction a chunk is thrown away and the session goes on', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  dialog.send('BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n')
  assert.match(await dialog.reply(), /^503 /)
  assert.match(await dialog.reply(), /^250 /)
  assert.equal(await dialog.say('BDAT six'), '501 5.5.4 Syntax error in parameters')
  assert.equal(await dialog.reply(), '(closed)')
})

test('after STARTTLS the session begins anew, and nothing that was sent ahead is believed', async () => {
  await using running = await startSink({ certificate })
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  assert.equal(await dialog.secure(), 'TLSv1.3')
  assert.match(await dialog.say('MAIL FROM:<a@example.org>'), /^503 /)
  assert.doesNotMatch(await dialog.say('EHLO client.example'), /STARTTLS/)

  const { dialog: injector } = await greeted(running.port)
  await using __ = injector
  injector.send('STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n')
  assert.match(await injector.reply(), /^554 /)
  assert.equal(await injector.reply(), '(closed)')
})

test('wrong commands get the code that RFC 5321 names, and the session goes on', async () => {
  await using running = await startSink()
  const dialog = await SmtpDialog.open(running.port)
  await using _ = dialog
  await dialog.reply()
  const dialogs = [
    ['MAIL FROM:<a@example.org>', '503 5.5.1'],
    ['EHLO client.example', '250-sink'],
    ['XYZZY', '502 5.5.1'],
    [`NOOP ${'x'.repeat(3_000)}`, '500 5.5.2'],
    ['RCPT TO:<a@example.net>', '503 5.5.1'],
    ['MAIL TO:<a@example.org>', '501 5.5.4'],
    ['MAIL FROM:<a@example.org> SIZE=99999999999', '552 5.3.4'],
    ['MAIL FROM:<a@example.org> FUTURERELEASE=9', '555 5.5.4'],
    ['MAIL FROM:<a@example.org>', '250 2.1.0'],
    ['MAIL FROM:<a@example.org>', '503 5.5.1'],
    ['DATA', '554 5.5.1'],
    ['RCPT TO:<nowhere>', '553 5.1.3'],
    ['RCPT TO:<m\xc3\xbcller@example.net>', '553 5.6.7'],
    ['RCPT TO:<"a b"@example.net>', '250 2.1.5'],
    ['RSET', '250 2.0.0'],
    ['DATA', '503 5.5.1'],
  ] as const
  for (const [line, expected] of dialogs)
    assert.equal((await dialog.say(line)).slice(0, expected.length), expected, line.slice(0, 40))
  dialog.send('NOOP\n')
  assert.match(await dialog.reply(), /^500 5\.5\.2 Lines end with CRLF/)
  assert.equal(running.sink.tally.counts.wrongCommands, 13)
})

test('content with a bare LF, the door to smuggling, is refused', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  await beginTransaction(dialog, 'a@example.net')
  await dialog.say('DATA')
  dialog.send('Subject: x\r\n\r\nhello\n.\nMAIL FROM:<evil@example.org>\r\n.\r\n')
  assert.match(await dialog.reply(), /^550 5\.6\.0/)
  assert.deepEqual([running.messages.length, running.sink.tally.counts.refused], [0, 1])
})

test('too many wrong commands end the session', async () => {
  await using running = await startSink()
  const { dialog } = await greeted(running.port)
  await using _ = dialog
  for (let count = 1; count <= 100; count++) assert.match(await dialog.say('WHAT'), /^502 /)
  assert.match(await dialog.say('WHAT'), /^421 4\.7\.0/)
  assert.equal(await dialog.reply(), '(closed)')
})

test('close ends sessions in the middle of anything', async () => {
  const running = await startSink()
  const { dialog } = await greeted(running.port)
  await dialog.say('MAIL FROM:<a@example.org>')
  dialog.send('RCPT TO:<hang@example.net>\r\n')
  await running.sink.close()
  assert.equal(await dialog.rest(), '')
})
