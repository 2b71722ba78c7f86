// SPDX-License-Identifier: Apache-2.0
/** A stream that offers a way out: the field in its mail, the mail that a reader's program writes to it, and what follows. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send, sendBySmtp } from '../support/relay-mail.ts'
import { failureOf, untilSuppressed } from '../support/returned-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink
let zone: ZoneServer

before(async () => {
  zone = running.use(await ZoneServer.start({ zone: 'client.example TXT "v=spf1 -all"' }))
  ;({ relay, sink } = await relayBeforeSink(running, {
    config: `${namesFrom(zone)}\n`,
    commands: [
      ['stream', 'change', 'bulk', '--add-unsubscribe'],
      ['stream', 'change', 'transactional', '--forward-reports'],
    ],
  }))
})
after(() => running.disposeAsync())

/** What the receiver got. */
async function received(to: readonly string[], stream: string): Promise<string> {
  const id = await send(relay, { to, stream })
  await outcomeOf(relay, id, 'delivered')
  const found = sink.messages.findLast(({ recipients }) => recipients.includes(to[0] ?? ''))
  assert.ok(found)
  return String(found.content)
}

function wayOut(content: string): string | null {
  const unfolded = content.replaceAll(/\r\n[ \t]/g, ' ')
  return /^List-Unsubscribe: +<mailto:([^>]+)>\r$/m.exec(unfolded)?.[1] ?? null
}

test('Its mail says where to write, signed; who writes there gets no more of it', async () => {
  const content = await received(['reader@example.net'], 'bulk')
  const [mailbox = '', subject = ''] = (wayOut(content) ?? '').split('?subject=')
  assert.equal(mailbox, 'unsubscribe@bounce.shop.example')
  assert.match(subject, /^[0-9a-z]{60}$/)
  const names = /^DKIM-Signature:[\s\S]*?\bh=([^;]+);/m.exec(content)?.[1]?.replaceAll(/\s/g, '')
  assert.equal(names?.split(':').filter((name) => name === 'list-unsubscribe').length, 2)
  const wish = `From: <reader@example.net>\r\nSubject: ${subject.toUpperCase()}\r\n\r\n\r\n`
  const inbound = { port: relay.portOf('inbound') }
  const mail = { mail: '<reader@example.net>', rcpt: [`<${mailbox}>`], content: wish }
  assert.match(await sendBySmtp(inbound, mail), /^250 /)
  await untilSuppressed(relay, 'reader@example.net')
  const again = await send(relay, { to: ['reader@example.net'], stream: 'bulk' })
  assert.equal((await outcomeOf(relay, again, 'suppressed')).reason, 'unsubscribe')
  // Receipts are another stream.
  await received(['reader@example.net'], 'transactional')
})

test('Mail of several recipients, and of a stream that did not ask, says nothing', async () => {
  assert.equal(wayOut(await received(['one@example.net', 'two@example.net'], 'bulk')), null)
  assert.equal(wayOut(await received(['three@example.net'], 'transactional')), null)
})

test('A bounce that comes later goes to the reverse-path of its submitter too, as it came', async () => {
  const address = 'left@example.net'
  const id = await send(relay, { from: 'orders@shop.example', to: [address] })
  await outcomeOf(relay, id, 'delivered')
  const path = sink.messages.find(({ recipients }) => recipients.includes(address))?.reversePath
  const own = 'Message-ID: <1@mx.example>\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n'
  const report = `${own}${failureOf(address)}`
  const mail = { mail: '<>', rcpt: [`<${path}>`], content: report }
  assert.match(await sendBySmtp({ port: relay.portOf('inbound') }, mail), /^250 /)
  await relay.waitForEvent(
    (event) => event.type === 'message.delivered' && event.recipient === 'orders@shop.example',
  )
  const sent = sink.messages.findLast(({ recipients }) =>
    recipients.includes('orders@shop.example'),
  )
  assert.ok(sent)
  assert.equal(sent.reversePath, '')
  assert.ok(String(sent.content).endsWith(`\r\n${report}`), String(sent.content))
})
