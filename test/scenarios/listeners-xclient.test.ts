// SPDX-License-Identifier: Apache-2.0
/** XCLIENT: a mail proxy that is named tells who its client is, and a new session begins. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { type ListenerSettings, LOOPBACK, RunningListener } from '../support/running-listener.ts'
import { runSwaks, skipWithoutSwaks } from '../support/running-swaks.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const certificate = await makeCertificate(
  { commonName: 'relay.example' },
  new SystemClock(),
  new SystemRandom(),
)
const CLAIM = 'XCLIENT ADDR=203.0.113.7 PORT=4711 HELO=client.example PROTO=SMTP'

function behindProxy(settings: ListenerSettings = {}): Promise<RunningListener> {
  return RunningListener.start({ claimants: [LOOPBACK], certificate, ...settings })
}

async function opened(running: RunningListener, ...lines: readonly string[]): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(running.port)
  await dialog.reply()
  for (const line of lines) await dialog.say(line)
  return dialog
}

test('swaks as a mail proxy brings the mail of its client', {
  skip: skipWithoutSwaks,
}, async () => {
  await using running = await behindProxy()
  running.acceptor.trustedAddresses.add('203.0.113.7')
  const options = {
    '--server': `127.0.0.1:${running.port}`,
    '--xclient-addr': '203.0.113.7',
    '--xclient-name': '[UNAVAILABLE]',
    '--xclient-helo': 'client.example',
    '--xclient-proto': 'ESMTP',
    '--from': 'a@shop.example',
    '--to': 'b@example.net',
  }
  const { code, stdout } = await runSwaks(options)
  assert.equal(code, 0, stdout)
  const { provenance } = await running.acceptor.draft(0)
  assert.equal(provenance.address, '203.0.113.7')
  assert.equal(provenance.helo, 'client.example')
})

test('The session begins anew with a greeting, and what the proxy claims outlives its own EHLO', async () => {
  await using running = await behindProxy()
  running.acceptor.trustedAddresses.add('203.0.113.7')
  await using dialog = await opened(running)
  assert.match(
    await dialog.say('EHLO proxy.example'),
    /250[ -]XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT/,
  )
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^530 /)
  assert.match(await dialog.say(CLAIM), /^220 relay\.example ESMTP/)
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^503 5\.5\.1 Send EHLO first/)
  await dialog.say('EHLO proxy.example')
  for (const line of ['MAIL FROM:<a@shop.example>', 'RCPT TO:<b@example.net>', 'DATA'])
    assert.match(await dialog.say(line), /^[23]5/)
  assert.match(await dialog.say('hello\r\n.'), /^250 /)
  const { provenance } = await running.acceptor.draft(0)
  assert.deepEqual(provenance, {
    address: '203.0.113.7',
    helo: 'client.example',
    protocol: 'SMTP',
    tls: null,
  })
})

test('Nothing of the client before is left: no login, and no trust in the proxy itself', async () => {
  await using running = await behindProxy({ isTrusting: true, allowClearTextAuth: 'loopback' })
  await using dialog = await opened(running, 'EHLO proxy.example', 'AUTH PLAIN AG1lAHJpZ2h0')
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^250 /)
  assert.match(await dialog.say(CLAIM), /^503 5\.5\.1 A transaction is open/)
  await dialog.say('RSET')
  assert.match(await dialog.say(CLAIM), /^220 /)
  assert.doesNotMatch(await dialog.say('EHLO proxy.example'), /AUTH/)
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^530 /)
})

test('TLS that was there stays, and is not offered again', async () => {
  await using running = await behindProxy()
  await using dialog = await opened(running, 'EHLO proxy.example', 'STARTTLS')
  await dialog.secure()
  await dialog.say('EHLO proxy.example')
  assert.match(await dialog.say(CLAIM), /^220 /)
  assert.doesNotMatch(await dialog.say('EHLO proxy.example'), /STARTTLS/)
})

test('Sessions are counted by the claimed client, and the proxy itself is not', async () => {
  await using running = await behindProxy({ limits: { sessionsPerAddress: 1 } })
  await using first = await opened(running)
  await using second = await opened(running)
  await using third = await opened(running)
  assert.match(await first.say(CLAIM), /^220 /)
  assert.match(await second.say(CLAIM), /^421 4\.7\.0 /)
  assert.match(await third.say(CLAIM.replace('113.7', '113.8')), /^220 /)
  assert.match(await first.say(CLAIM.replace('113.7', '113.9')), /^220 /)
  assert.match(await third.say(CLAIM), /^220 /)
})

test('Whoever is not named may not claim anything, and is not offered it', async () => {
  await using running = await RunningListener.start()
  await using dialog = await opened(running)
  assert.doesNotMatch(await dialog.say('EHLO client.example'), /XCLIENT/)
  assert.match(await dialog.say(CLAIM), /^550 5\.7\.0 /)
})

for (const [what, attributes] of [
  ['nothing', ''],
  ['an address that is none', 'ADDR=203.0.113.777'],
  ['an address that is not known', 'ADDR=[UNAVAILABLE]'],
  ['an address twice', 'ADDR=203.0.113.7 ADDR=203.0.113.8'],
  ['a login', 'ADDR=203.0.113.7 LOGIN=me'],
  ['a name that would end a comment', 'HELO=a)+20b'],
  ['a line end', 'ADDR=203.0.113.7 HELO=a+0D+0Ab'],
  ['an unknown protocol', 'PROTO=LMTP'],
  ['what is no xtext', 'HELO=a+2'],
] as const)
  test(`${what} is no claim, and changes nothing`, async () => {
    await using running = await behindProxy({ isTrusting: true })
    await using dialog = await opened(running, 'EHLO proxy.example')
    assert.match(await dialog.say(`XCLIENT ${attributes}`), /^501 5\.5\.4 /)
    assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^250 /)
  })

test('An IPv6 address comes with its tag, in one spelling', async () => {
  await using running = await behindProxy()
  running.acceptor.trustedAddresses.add('2001:db8::5')
  await using dialog = await opened(running)
  assert.match(await dialog.say('XCLIENT ADDR=IPV6:2001:DB8:0::5 NAME=[TEMPUNAVAIL]'), /^220 /)
  await dialog.say('EHLO proxy.example')
  assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^250 /)
})
