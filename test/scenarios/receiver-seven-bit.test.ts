// SPDX-License-Identifier: Apache-2.0
/** A receiver that takes neither 8-bit text nor long lines, and streams that send there. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { outcomeOf, reportTo } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, send, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const running = new AsyncDisposableStack()
let receiver: PoliteReceiver
let relay: RunningRelay

before(async () => {
  receiver = running.use(
    await PoliteReceiver.start({
      keywords: ['PIPELINING', 'ENHANCEDSTATUSCODES'],
      answer: (line) => (line.startsWith('RCPT TO:<nobody') ? '550 5.1.1 No one' : undefined),
    }),
  )
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      commands: [
        ['stream', 'add', 'old', '--kind', 'transactional', '--eight-bit', 'quoted-printable'],
        ['stream', 'add', 'strict', '--kind', 'transactional', '--long-lines', 'refuse'],
      ],
      config: `${trustLoopback}${routeTo(receiver.port)}`,
    }),
  )
})

after(() => running.disposeAsync())

async function arrived(messageId: string): Promise<string> {
  const { recipient } = await outcomeOf(relay, messageId, 'delivered')
  const found = receiver.sentTo(`<${recipient}>`)
  assert.ok(found)
  return found.content
}

test('An 8-bit body bounces there with a clear word, and its report, which returns it, arrives', async () => {
  const whole = { mail: '<cafe@shop.example> RET=FULL', rcpt: ['<jane@example.net>'] }
  await sendBySmtp(relay, { ...whole, content: messageText({ text: 'café' }) })
  const report = await reportTo(relay, 'cafe@shop.example')
  const text = await arrived(report.messageId)
  assert.match(text, /^Status: 5\.6\.3\r$/m)
  assert.match(text, /This mail system said: 554 5\.6\.3 The server does not offer 8BITMIME/)
  assert.match(text, /^Remote-MTA: dns; 127\.0\.0\.1\r$/m)
  assert.match(text, /^Diagnostic-Code: X-Posthaste; 554 5\.6\.3 /m)
  assert.match(text, /^caf=E9\r$/m)
  assert.match(text, /^[\r\n\t\x20-\x7e]*$/)
})

test('It arrives as quoted-printable where the stream says so, signed after that', async () => {
  const mail = { to: ['joe@example.net'], text: 'café', stream: 'old' }
  const text = await arrived(await send(relay, mail))
  assert.match(text, /^Content-Transfer-Encoding: quoted-printable\r$/m)
  assert.match(text, /\r\n\r\ncaf=C3=A9$/)
  const signed = `${text}\r\n`
  assert.equal(
    hash('sha256', signed.slice(signed.indexOf('\r\n\r\n') + 4), 'base64'),
    bodyHashIn(text),
  )
})

test('A long line is folded, in the text by an encoding that gives it back, or refused where the stream says so', async () => {
  const text = 'word '.repeat(400)
  const subject = 'subject '.repeat(200)
  const folded = await arrived(await send(relay, { to: ['ann@example.net'], text, subject }))
  assert.ok(folded.split('\r\n').every((line) => line.length <= 998))
  const [header = '', body = ''] = folded.split('\r\n\r\n')
  assert.equal(body.replaceAll('=\r\n', '').replace('=20', ' '), text)
  assert.ok(header.replaceAll('\r\n ', ' ').includes(subject.trim()))
  await assert.rejects(
    send(relay, { to: ['ann@example.net'], text, stream: 'strict' }),
    /554 5\.6\.0/,
  )
})

/** Of the first signature. */
function bodyHashIn(text: string): string | undefined {
  return /\bbh=([^;]+);/.exec(text)?.[1]?.replaceAll(/\s/g, '')
}
