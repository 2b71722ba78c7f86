// SPDX-License-Identifier: Apache-2.0
/** The PROXY protocol: whom a load balancer names is the client, for everything; nobody else may name one. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
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
const HEADER = 'PROXY TCP4 203.0.113.7 192.0.2.25 12345 25\r\n'
/** Version 2, LOCAL. */
const LOCAL = '\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00'
const TEN_SECONDS_MS = 10_000

function balanced(settings: ListenerSettings = {}): Promise<RunningListener> {
  return RunningListener.start({ proxies: [LOOPBACK], ...settings })
}

/** A connection whose first octets are `header`. */
async function opened(running: RunningListener, header: string): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(running.port)
  dialog.send(header)
  return dialog
}

for (const [version, source] of [
  ['1', '203.0.113.7'],
  ['2', '203.0.113.7'],
  ['1', '2001:db8::5'],
  ['2', '2001:db8::5'],
] as const)
  test(`swaks as a balancer, version ${version}, brings the mail of ${source}`, {
    skip: skipWithoutSwaks,
  }, async () => {
    await using running = await balanced()
    running.acceptor.trustedAddresses.add(source)
    const family = source.includes(':') ? 'TCP6' : 'TCP4'
    const options = {
      '--server': `127.0.0.1:${running.port}`,
      '--proxy-version': version,
      '--proxy-family':
        version === '2' ? family.replace('TCP4', 'AF_INET').replace('TCP6', 'AF_INET6') : family,
      '--proxy-source': source,
      '--proxy-source-port': '12345',
      '--proxy-dest': source,
      '--proxy-dest-port': '25',
      '--from': 'a@shop.example',
      '--to': 'b@example.net',
    }
    const { code, stdout } = await runSwaks(options)
    assert.equal(code, 0, stdout)
    const { provenance } = await running.acceptor.draft(0)
    assert.equal(provenance.address, source)
  })

test('Until the header is whole nothing is said, and what came with it is heard', async () => {
  await using running = await balanced()
  await using dialog = await opened(running, HEADER.slice(0, 20))
  dialog.send(`${HEADER.slice(20)}EHLO client.example\r\n`)
  assert.match(await dialog.reply(), /^220 /)
  assert.match(await dialog.reply(), /^250-relay\.example greets client\.example/)
})

test('A balancer that speaks for itself is the client', async () => {
  for (const header of [LOCAL, 'PROXY UNKNOWN\r\n']) {
    await using running = await balanced({ isTrusting: true })
    await using dialog = await opened(running, header)
    assert.match(await dialog.reply(), /^220 /)
    await dialog.say('EHLO balancer.example')
    assert.match(await dialog.say('MAIL FROM:<a@shop.example>'), /^250 /)
  }
})

test('The header precedes TLS, whether that is asked for or comes first', async () => {
  await using asked = await balanced({ certificate })
  await using dialog = await opened(asked, HEADER)
  await dialog.reply()
  await dialog.say('EHLO client.example')
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  assert.equal(await dialog.secure(), 'TLSv1.3')
  await using first = await balanced({ certificate, isImplicitTls: true })
  await using secured = await opened(first, HEADER)
  assert.equal(await secured.secure(), 'TLSv1.3')
  assert.match(await secured.reply(), /^220 /)
})

test('A balancer that sends no header, a wrong one, or none in time is cut without a word', async () => {
  await using running = await balanced()
  for (const octets of [
    'EHLO client.example\r\n',
    'PROXY TCP4 x\r\n',
    `PROXY ${'x'.repeat(200)}`,
  ]) {
    await using dialog = await opened(running, octets)
    assert.equal(await dialog.rest(), '')
  }
  await using slow = await opened(running, 'PROXY TCP4 ')
  const silent = connect(running.port, '127.0.0.1')
  await once(silent, 'connect')
  const cut = once(silent.resume(), 'close')
  // Both have been taken by the time that a third is.
  await using third = await opened(running, HEADER)
  await third.reply()
  running.wait(TEN_SECONDS_MS + 1_000)
  assert.equal(await slow.rest(), '')
  await cut
  assert.match(await third.say('NOOP'), /^250 /)
})

for (const [what, header] of [
  ['version 1', HEADER],
  ['version 2', LOCAL],
] as const)
  test(`A header of ${what} from anybody else ends the connection`, async () => {
    await using running = await RunningListener.start({ isTrusting: true })
    await using dialog = await opened(running, header)
    dialog.send('EHLO client.example\r\nMAIL FROM:<a@shop.example>\r\n')
    const said = await dialog.rest()
    assert.match(said, /^220 [^\n]*\r\n(?:(?:5|421 )[^\n]*\r\n)+$/)
  })

test('A network of balancers does not make its neighbours ones', async () => {
  await using running = await RunningListener.start({
    proxies: [{ address: '127.0.0.2', prefix: 32, family: 4 }],
  })
  await using dialog = await SmtpDialog.open(running.port)
  assert.match(await dialog.reply(), /^220 /)
})

test('Sessions are counted by the client that the header names', async () => {
  await using running = await balanced({ limits: { sessionsPerAddress: 1 } })
  await using first = await opened(running, HEADER)
  assert.match(await first.reply(), /^220 /)
  await using second = await opened(running, HEADER)
  assert.match(await second.rest(), /^421 4\.7\.0 /)
  await using other = await opened(running, HEADER.replace('113.7', '113.8'))
  assert.match(await other.reply(), /^220 /)
  await first.say('QUIT')
  await first.rest()
  while (running.listener.counts.sessions > 1) await new Promise(setImmediate)
  await using third = await opened(running, HEADER)
  assert.match(await third.reply(), /^220 /)
})

test('A secret in the clear is not taken of a client that only its balancer has on this machine', async () => {
  await using running = await balanced({ allowClearTextAuth: 'loopback' })
  await using dialog = await opened(running, HEADER)
  await dialog.reply()
  assert.doesNotMatch(await dialog.say('EHLO client.example'), /AUTH/)
})

test('A listener that ends lets go of those whose header it awaits', async () => {
  const running = await balanced()
  const silent = connect(running.port, '127.0.0.1')
  await once(silent, 'connect')
  const cut = once(silent.resume(), 'close')
  await using other = await opened(running, HEADER)
  await other.reply()
  await running[Symbol.asyncDispose]()
  await cut
})
