// SPDX-License-Identifier: Apache-2.0
/** Strangers before the inbound listener who want to cost us much, or to have somebody suppressed. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SeededRandom } from '../../src/base/random.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { Event } from '../../src/events/event.ts'
import { namesFrom, routeTo } from '../support/relay-config.ts'
import { openSession, send, sendBySmtp, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

/** Octets of a part or line that is large. */
const LARGE = 300_000
const running = new AsyncDisposableStack()
const random = new SeededRandom(3)
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  sink = running.use(await startSink({}))
  const zone = running.use(await ZoneServer.start({ zone: 'client.example TXT "v=spf1 -all"' }))
  const feedback = '[feedback]\nforward_to = "ops@operator.example"\nsuppress_after = "0s"\n'
  relay = running.use(
    await RunningRelay.start({
      config: `${routeTo(sink.port)}\n${namesFrom(zone)}\n${feedback}`,
      domains: ['shop.example'],
    }),
  )
})
after(() => running.disposeAsync())

const inbound = () => ({ port: relay.portOf('inbound') })

/** A message that was delivered, and the return path that its receiver has seen. */
async function delivered(to: string): Promise<{ readonly id: string; readonly path: string }> {
  const id = await send(relay, { to: [to] })
  await relay.waitForEvent((event) => event.type === 'message.delivered' && event.messageId === id)
  const path = sink.messages.findLast(({ recipients }) => recipients.includes(to))?.reversePath
  assert.ok(path)
  return { id, path }
}

function bring(to: readonly string[], content: string): Promise<string> {
  return sendBySmtp(inbound(), { mail: '<>', rcpt: to.map((path) => `<${path}>`), content })
}

async function typesOf(id: string): Promise<readonly string[]> {
  const { events } = (await relay.json('trace', id)) as { readonly events: readonly Event[] }
  return events.map(({ type }) => type)
}

function failureOf(recipients: readonly string[]): string {
  const about = recipients.map(
    (each) =>
      `Final-Recipient: rfc822; ${each}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n`,
  )
  return `From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n${about.join('')}--b--\r\n`
}

const FROM = 'From: <stranger@far.example>\r\n'
const nested = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'

/** Mail that is made to take time or memory. */
const bombs: Readonly<Record<string, string>> = {
  depth: `${FROM}${nested.repeat(1_000)}\r\nhello\r\n`,
  parts: `${FROM}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(10_000)}--b--\r\n`,
  fields: `${FROM}${'X-Field: value\r\n'.repeat(5_000)}\r\nhello\r\n`,
  'a field without an end': `${FROM}Subject: ${'a'.repeat(LARGE)}\r\n\r\nhello\r\n`,
  'encoded words': `${FROM}Subject: ${'=?utf-8?B?YWFh?=\r\n '.repeat(10_000)}\r\n\r\nhello\r\n`,
  'a line without an end': `${FROM}Subject: x\r\n\r\n${'a'.repeat(LARGE)}\r\n`,
  'base64 that is none': `${FROM}Content-Transfer-Encoding: base64\r\n\r\n${'=A*='.repeat(LARGE / 4)}\r\n`,
  'quoted-printable that is none': `${FROM}Content-Transfer-Encoding: quoted-printable\r\n\r\n${'=ZZ=\r\n'.repeat(LARGE / 8)}\r\n`,
  'octets of any kind': `${FROM}Content-Type: application/zip\r\n\r\nPK\x03\x04${random
    .bytes(LARGE)
    .toString('latin1')
    .replaceAll(/[\r\n]/g, 'x')}\r\n`,
  'no characters': `${FROM}Content-Type: text/plain; charset=utf-16\r\n\r\n${'\0'.repeat(LARGE)}\r\n`,
  'messages within each other': `${FROM}${'Content-Type: message/rfc822\r\n\r\n'.repeat(2_000)}`,
  'keys that are none': `${'DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=s; h=from; bh=x; b=x\r\n'.repeat(500)}${FROM}\r\nhello\r\n`,
}

test('What is made to cost much is answered, says nothing of anybody, and others are heard meanwhile', async () => {
  const [mine, theirs] = [await delivered('dee@example.net'), await delivered('ann@example.net')]
  const attack = async (to: string) => {
    for (const [name, content] of Object.entries(bombs))
      assert.match(await bring([to], content), /^(?:250|452|5\d\d) /, `${name} to ${to}`)
  }
  const attacks = [attack('abuse@shop.example'), attack(mine.path)]
  assert.match(await bring([theirs.path], failureOf(['ann@example.net'])), /^250 /)
  await Promise.all(attacks)
  assert.ok((await typesOf(theirs.id)).includes('message.bounced'))
  const types = new Set(await typesOf(mine.id))
  // That something came back that says nothing.
  types.delete('report.received')
  assert.deepEqual([...types], ['message.received', 'message.delivered'])
})

test('A report of thousands is about whom its token names alone', async () => {
  const { id, path } = await delivered('joe@example.net')
  const all = Array.from({ length: 3_000 }, (_, at) => `user${at}@example.net`)
  assert.match(await bring([path], failureOf(all)), /^250 /)
  const bounces = (await typesOf(id)).filter((type) => type === 'message.bounced')
  assert.equal(bounces.length, 1)
})

test('A report is about whom its token names, and nobody else, whatever it says', async () => {
  const mine = await delivered('mallory@example.net')
  const theirs = await delivered('victim@example.net')
  assert.match(
    await bring([mine.path], failureOf(['victim@example.net', 'ann@example.net'])),
    /^250 /,
  )
  assert.deepEqual(await typesOf(theirs.id), ['message.received', 'message.delivered'])
  assert.ok((await typesOf(mine.id)).includes('message.bounced'))
  assert.deepEqual(await relay.json('suppression', 'show', 'victim@example.net'), [])
})

test('A thousand return paths that somebody made up, from one session and from many, are refused', async () => {
  const { path } = await delivered('bob@example.net')
  const [token = '', domain = ''] = path.split('@')
  const madeUp = () => {
    const at = Math.floor(random.fraction() * (token.length - 1))
    const letter = token[at] === 'x' ? 'y' : 'x'
    return `${token.slice(0, at)}${letter}${token.slice(at + 1)}@${domain}`
  }
  let refused = 0
  const attack = async () => {
    for (let left = 100; left > 0; ) {
      await using dialog = await openSession(inbound())
      assert.match(await dialog.say('MAIL FROM:<>'), /^250 /)
      for (; left > 0; left--) {
        const reply = await dialog.say(`RCPT TO:<${madeUp()}>`)
        // Who is refused too often is sent away, and may come again.
        if (!reply.startsWith('550 5.1.1 ')) {
          assert.match(reply, /^(?:421 |\(closed\))/)
          break
        }
        refused++
      }
    }
  }
  await Promise.all(Array.from({ length: 10 }, attack))
  assert.ok(refused > 900, `${refused}`)
  await using dialog = await openSession(inbound())
  assert.match(
    await transact(dialog, {
      mail: '<>',
      rcpt: [`<${path}>`],
      content: failureOf(['x@y.example']),
    }),
    /^250 /,
  )
})

test('A command without an end is cut off, and so is who says nothing that is SMTP', async () => {
  await using dialog = await openSession(inbound())
  dialog.send(`RCPT TO:<${'a'.repeat(LARGE)}`)
  dialog.send('\r\n')
  assert.match(await dialog.reply(), /^(?:500 |421 |\(closed\))/)
  await using noise = await openSession(inbound())
  noise.send(random.bytes(LARGE).toString('latin1'))
  assert.match(await noise.reply(), /^(?:5\d\d |421 |\(closed\))/)
  const { path } = await delivered('eve@example.net')
  assert.match(await bring([path], failureOf(['eve@example.net'])), /^250 /)
})
