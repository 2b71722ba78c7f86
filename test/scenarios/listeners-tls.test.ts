// SPDX-License-Identifier: Apache-2.0
/** TLS of a listener: before the greeting, by name, with tickets that another process reads, with a client's certificate. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { createTransport } from 'nodemailer'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { ServerTls, type ServerTlsOptions } from '../../src/smtp/server-tls.ts'
import { TestAuthority } from '../support/client-certificates.ts'
import { runProgram } from '../support/finished-program.ts'
import { type ListenerSettings, RunningListener } from '../support/running-listener.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const authority = await TestAuthority.make('clients')
const app = await authority.sign('app.example')
const ended = await authority.sign('app.example', new Date('2020-01-01'))
const stranger = await (await TestAuthority.make('clients')).sign('app.example')

const certificate = await selfSigned('relay.example')
const MINUTE_MS = 60_000

function selfSigned(commonName: string) {
  return makeCertificate({ commonName }, new SystemClock(), new SystemRandom())
}

function tlsWith(options: Partial<ServerTlsOptions> = {}): ServerTls {
  return new ServerTls({
    certificates: [certificate],
    clientCa: null,
    ticketKeys: null,
    ...options,
  })
}

function implicit(settings: ListenerSettings = {}): Promise<RunningListener> {
  return RunningListener.start({ isImplicitTls: true, tls: tlsWith(), ...settings })
}

test('The handshake comes before the greeting, and then AUTH is offered and STARTTLS is not', async () => {
  await using running = await implicit()
  await using dialog = await SmtpDialog.openTls(running.port)
  assert.match(await dialog.reply(), /^220 relay\.example ESMTP/)
  const offered = await dialog.say('EHLO client.example')
  assert.match(offered, /250[ -]AUTH /)
  assert.doesNotMatch(offered, /STARTTLS/)
  assert.match(await dialog.say('STARTTLS'), /^503 5\.5\.1 /)
})

test('A client library submits by TLS from the first octet', async () => {
  await using running = await implicit()
  const transport = createTransport({
    host: '127.0.0.1',
    port: running.port,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'receipts', pass: 'right' },
  })
  await transport.sendMail({ from: 'a@shop.example', to: 'b@example.net', text: 'hello' })
  transport.close()
  const draft = await running.acceptor.draft(0)
  await draft.ended
  assert.equal(draft.provenance.protocol, 'ESMTPSA')
})

for (const [what, options, expected] of [
  ['TLS 1.3', ['-tls1_3'], 'TLSv1.3'],
  ['TLS 1.2', ['-tls1_2'], 'TLSv1.2'],
  ['TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], null],
  ['TLS 1.2 with CBC', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA256'], null],
  ['TLS 1.2 without forward secrecy', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256'], null],
] as const)
  test(`openssl is ${expected === null ? 'refused' : 'served'} with ${what}`, async () => {
    await using running = await implicit()
    const target = ['-connect', `127.0.0.1:${running.port}`]
    const args = ['s_client', '-quiet', ...target, ...options]
    const { stdout } = await runProgram('openssl', args, { input: 'QUIT\r\n' })
    await using next = await SmtpDialog.openTls(running.port)
    assert.match(await next.reply(), /^220 /)
    if (expected === null) assert.doesNotMatch(stdout, /^220 /m)
    else assert.match(stdout, /^220 relay\.example ESMTP/m)
  })

test('A client gets the certificate of the name that it asks for, else the first', async () => {
  const wildcard = await selfSigned('*.mail.example')
  const other = await selfSigned('other.example')
  await using running = await implicit({
    tls: tlsWith({ certificates: [certificate, wildcard, other] }),
  })
  for (const [servername, expected] of [
    ['relay.example', 'relay.example'],
    ['OTHER.example', 'other.example'],
    ['a.mail.example', '*.mail.example'],
    ['a.b.mail.example', 'relay.example'],
    ['unknown.example', 'relay.example'],
    ['', 'relay.example'],
  ] as const) {
    const { socket } = await handshake(running.port, { servername })
    assert.equal(socket.getPeerCertificate().subject.CN, expected, servername)
    socket.destroy()
  }
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`A ticket is good at every listener with the same keys, and with others it costs a handshake: ${maxVersion}`, async () => {
    const ticketKeys = Buffer.alloc(48, 1)
    await using first = await implicit({ tls: tlsWith({ ticketKeys }) })
    await using second = await implicit({ tls: tlsWith({ ticketKeys }) })
    await using third = await implicit({ tls: tlsWith({ ticketKeys: Buffer.alloc(48, 2) }) })
    const begun = await handshake(first.port, { maxVersion }, true)
    assert.equal(begun.socket.isSessionReused(), false)
    begun.socket.destroy()
    for (const [listener, isReused] of [
      [second, true],
      [third, false],
    ] as const) {
      const { session } = begun
      assert.ok(session)
      const { socket } = await handshake(listener.port, { maxVersion, session })
      assert.equal(socket.isSessionReused(), isReused)
      socket.destroy()
    }
  })

for (const [who, shown, isTrusted] of [
  ['no certificate', {}, false],
  ['a certificate of the authority', app, true],
  ['a certificate that has ended', ended, false],
  ['a certificate of another authority of the same name', stranger, false],
] as const)
  test(`A client with ${who} is ${isTrusted ? '' : 'not '}trusted by it, and is served`, async () => {
    await using running = await implicit({ tls: tlsWith({ clientCa: authority.cert }) })
    running.acceptor.trustedName = 'app.example'
    await using dialog = await SmtpDialog.openTls(running.port, shown)
    await dialog.reply()
    await dialog.say('EHLO client.example')
    assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), isTrusted ? /^250 / : /^530 /)
  })

test('A certificate that comes with STARTTLS counts from then on', async () => {
  await using running = await RunningListener.start({ tls: tlsWith({ clientCa: authority.cert }) })
  running.acceptor.trustedName = 'app.example'
  await using dialog = await SmtpDialog.open(running.port)
  await dialog.reply()
  await dialog.say('EHLO client.example')
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^530 /)
  await dialog.say('STARTTLS')
  await dialog.secure(app)
  await dialog.say('EHLO client.example')
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^250 /)
})

test('A resumed session has its certificate still, but not before other authorities', async () => {
  const ticketKeys = Buffer.alloc(48, 1)
  const { cert } = await TestAuthority.make('others')
  await using first = await implicit({ tls: tlsWith({ clientCa: authority.cert, ticketKeys }) })
  await using other = await implicit({ tls: tlsWith({ clientCa: cert, ticketKeys }) })
  for (const { acceptor } of [first, other]) acceptor.trustedName = 'app.example'
  const { session, socket } = await handshake(first.port, app, true)
  socket.destroy()
  assert.ok(session)
  for (const [listener, expected] of [
    [first, /^250 /],
    [other, /^530 /],
  ] as const) {
    await using dialog = await SmtpDialog.openTls(listener.port, { session })
    await dialog.reply()
    await dialog.say('EHLO client.example')
    assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), expected)
  }
})

test('Who does not shake hands in time is cut, and who speaks in the clear is cut at once', async () => {
  await using running = await implicit()
  const silent = connect(running.port, '127.0.0.1')
  await once(silent, 'connect')
  const cut = once(silent.resume(), 'close')
  await using clear = await SmtpDialog.open(running.port)
  clear.send('EHLO client.example\r\n')
  assert.doesNotMatch(await clear.rest(), /220/)
  while (running.listener.counts.sessions !== 1) await new Promise(setImmediate)
  running.wait(MINUTE_MS + 1_000)
  await cut
  while (running.listener.counts.sessions > 0) await new Promise(setImmediate)
})

test('Who comes when there are too many hears 421 after the handshake', async () => {
  await using running = await implicit({ limits: { sessionsPerAddress: 1 } })
  await using first = await SmtpDialog.openTls(running.port)
  assert.match(await first.reply(), /^220 /)
  await using second = await SmtpDialog.openTls(running.port)
  assert.match(await second.rest(), /^421 4\.7\.0 Too many sessions[^\n]*\n$/)
})

/** A connection after its greeting; with `awaitsTicket` also the session that it may be resumed by. */
async function handshake(
  port: number,
  options: ConnectionOptions,
  awaitsTicket = false,
): Promise<{ readonly socket: TLSSocket; readonly session: Buffer | undefined }> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  let session: Buffer | undefined
  socket.on('session', (ticket: Buffer) => {
    session = ticket
  })
  await once(socket, 'secureConnect')
  socket.resume()
  if (!awaitsTicket) return { socket, session }
  while (session === undefined) await new Promise(setImmediate)
  return { socket, session }
}
