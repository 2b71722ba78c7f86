// SPDX-License-Identifier: Apache-2.0
/** A relay with several listeners and several workers: one for STARTTLS, one for TLS from the first octet. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { TestAuthority } from '../support/client-certificates.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo } from '../support/relay-config.ts'
import { messageText } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const SECURE_LISTENER = `[[listener]]
name = "smtps"
addresses = ["127.0.0.1:0", "127.0.0.2:0"]
tls = "implicit"
client_ca = "clients.pem"
[[trusted]]
certificate = "app.example"
`

test('Mail of a client with a certificate comes by a listener of its own', async () => {
  const authority = await TestAuthority.make('clients')
  await using sink = await startSink()
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    config: SECURE_LISTENER + routeTo(sink.port),
    files: { 'clients.pem': authority.cert },
  })
  await using dialog = await SmtpDialog.openTls(
    relay.portOf('smtps'),
    await authority.sign('app.example'),
  )
  await dialog.reply()
  await dialog.say('EHLO app.example')
  for (const line of ['MAIL FROM:<a@shop.example>', 'RCPT TO:<ann@example.net>', 'DATA'])
    assert.match(await dialog.say(line), /^[23]5/)
  const answer = await dialog.say(`${messageText()}.`)
  await outcomeOf(relay, answer.split(' ').at(-1) ?? '', 'delivered')
  await using stranger = await SmtpDialog.openTls(relay.portOf('smtps'))
  await stranger.reply()
  await stranger.say('EHLO app.example')
  assert.match(await stranger.say('MAIL FROM:<a@shop.example>'), /^530 /)
})

test('A client that comes back resumes its session at any worker', async () => {
  await using relay = await RunningRelay.start({
    config: SECURE_LISTENER,
    files: { 'clients.pem': (await TestAuthority.make('clients')).cert },
    serve: ['--workers', '2'],
  })
  const port = relay.portOf('smtps')
  const first = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  const [session] = await once(first.resume(), 'session')
  first.destroy()
  // So many that both workers have had some: the kernel spreads them.
  for (let times = 0; times < 30; times++) {
    const socket = connect({ host: '127.0.0.1', port, session, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    assert.equal(socket.isSessionReused(), true)
    socket.destroy()
  }
})
