// SPDX-License-Identifier: Apache-2.0
/** STARTTLS and AUTH of the submission listener (RFC 3207, RFC 4954), with a client library too. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { createTransport } from 'nodemailer'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { RunningListener } from '../support/running-listener.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const certificate = await makeCertificate(
  { commonName: 'relay.example' },
  new SystemClock(),
  new SystemRandom(),
)
const LOGIN = 'AUTH PLAIN AG1lAHJpZ2h0'

async function opened(running: RunningListener): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(running.port)
  await dialog.reply()
  return dialog
}

test('AUTH is neither offered nor read before TLS', async () => {
  await using running = await RunningListener.start({ certificate })
  await using dialog = await opened(running)
  const offered = await dialog.say('EHLO client.example')
  assert.match(offered, /250[ -]STARTTLS/)
  assert.doesNotMatch(offered, /AUTH/)
  assert.match(await dialog.say(LOGIN), /^538 5\.7\.11 /)
  assert.deepEqual(running.acceptor.logins, [])
})

test('after STARTTLS a client authenticates, and its message says so', async () => {
  await using running = await RunningListener.start({ certificate })
  await using dialog = await opened(running)
  await dialog.say('EHLO client.example')
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  assert.equal(await dialog.secure(), 'TLSv1.3')
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^503 /)
  const offered = await dialog.say('EHLO client.example')
  assert.doesNotMatch(offered, /STARTTLS/)
  assert.match(offered, /250 AUTH PLAIN LOGIN$/)
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^530 5\.7\.0 /)
  assert.match(await dialog.say(LOGIN), /^235 /)
  dialog.send('MAIL FROM:<a@shop.example> SMTPUTF8\r\nRCPT TO:<b@example.net>\r\nDATA\r\n')
  for (let replies = 0; replies < 3; replies++) await dialog.reply()
  assert.match(await dialog.say('hello\r\n.'), /^250 2\.0\.0 /)
  const { provenance } = await running.acceptor.draft(0)
  assert.equal(provenance.protocol, 'UTF8SMTPSA')
  assert.equal(provenance.helo, 'client.example')
  assert.equal(provenance.address, '127.0.0.1')
  assert.equal(provenance.tls?.version, 'TLSv1.3')
  assert.match(provenance.tls?.cipher ?? '', /^TLS_/)
})

test('commands that came with STARTTLS are never executed', async () => {
  await using running = await RunningListener.start({ certificate, isTrusting: true })
  await using dialog = await opened(running)
  await dialog.say('EHLO client.example')
  const injected = 'EHLO evil\r\nMAIL FROM:<evil@evil.example>\r\nRCPT TO:<b@example.net>\r\n'
  assert.match(await dialog.say(`STARTTLS\r\n${injected.trimEnd()}`), /^220 /)
  await dialog.secure()
  assert.match(await dialog.say('RCPT TO:<c@example.net>'), /^503 5\.5\.1 Send EHLO first/)
  assert.match(
    await dialog.say('EHLO client.example'),
    /^250-relay\.example greets client\.example/,
  )
  assert.match(await dialog.say('RCPT TO:<c@example.net>'), /^503 5\.5\.1 Send MAIL first/)
})

test('a client that talks in the clear after 220 is hung up on', async () => {
  await using running = await RunningListener.start({ certificate })
  await using dialog = await opened(running)
  await dialog.say('EHLO client.example')
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  dialog.send('EHLO client.example\r\n')
  assert.doesNotMatch(await dialog.rest(), /250/)
})

test('a handshake that never comes ends in time', async () => {
  await using running = await RunningListener.start({ certificate })
  await using dialog = await opened(running)
  await dialog.say('EHLO client.example')
  await dialog.say('STARTTLS')
  running.wait(301_000)
  await dialog.rest()
})

test('without a certificate STARTTLS is not offered', async () => {
  await using running = await RunningListener.start()
  await using dialog = await opened(running)
  assert.doesNotMatch(await dialog.say('EHLO client.example'), /STARTTLS/)
  assert.match(await dialog.say('STARTTLS'), /^502 5\.5\.1 /)
})

test('a client library submits by STARTTLS and AUTH', async () => {
  await using running = await RunningListener.start({ certificate })
  const transport = createTransport({
    host: '127.0.0.1',
    port: running.port,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'receipts', pass: 'right' },
  })
  const text = 'grüße\r\n.\r\n..\r\n'
  await transport.sendMail({
    from: 'a@shop.example',
    to: ['b@example.net', 'c@example.net'],
    text,
    dsn: {
      id: 'order+7',
      return: 'headers',
      notify: ['failure', 'delay'],
      recipient: 'b@example.net',
    },
  })
  transport.close()
  const draft = await running.acceptor.draft(0)
  await draft.ended
  assert.equal(draft.end, 'accepted')
  assert.equal(draft.provenance.protocol, 'ESMTPSA')
  assert.deepEqual(running.acceptor.logins, [['receipts', 'right']])
  assert.equal(draft.envelope.ret, 'HDRS')
  assert.deepEqual(draft.envelope.recipients[1]?.notify, ['FAILURE', 'DELAY'])
})

test('a client library hears of a wrong secret', async () => {
  await using running = await RunningListener.start({ certificate })
  const transport = createTransport({
    host: '127.0.0.1',
    port: running.port,
    tls: { rejectUnauthorized: false },
    auth: { user: 'receipts', pass: 'wrong' },
  })
  await assert.rejects(transport.verify(), /535 5\.7\.8/)
  transport.close()
  assert.equal(running.listener.counts.authFailures, 1)
})

for (const when of ['before', 'after'] as const)
  test(`a client that hangs up ${when} the 220 to STARTTLS has no session any more`, async () => {
    await using running = await RunningListener.start({ certificate })
    const socket = connect(running.port, '127.0.0.1').setEncoding('latin1')
    socket.write('EHLO client.example\r\nSTARTTLS\r\n')
    let said = ''
    if (when === 'after')
      while (!said.includes('220 2.0.0')) said += String((await once(socket, 'data'))[0])
    socket.resume().end()
    await once(socket, 'close')
    assert.equal(running.listener.counts.sessions, 0)
  })
