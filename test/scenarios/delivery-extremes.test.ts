// SPDX-License-Identifier: Apache-2.0
/** Mail at the edges: many recipients, much content, addresses that a receiver cannot take. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { serverLimits } from '../../src/base/limits/limits.ts'
import { isOutcome, outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, send, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const domains = ['shop.example']
const shared = ['stream', 'add', 'shared', '--kind', 'transactional', '--share-transactions']
const SIZE = 20 * 1_024 * 1_024

test('A message to 1,000 recipients reaches each of them once', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({
    domains,
    commands: [shared],
    config: routeTo(sink.port),
  })
  const to = Array.from(
    { length: serverLimits.recipientsPerMessage },
    (_, at) => `u${at}@b.example`,
  )
  for (const stream of ['bulk', 'shared']) {
    const messageId = await send(relay, { to, stream })
    const delivered = new Set<string>()
    await relay.waitForEvent((event) => {
      if (isOutcome(event) && event.messageId === messageId) delivered.add(event.recipient)
      return delivered.size === to.length
    })
  }
  const bulk = sink.messages.filter(({ recipients }) => recipients.length === 1)
  assert.equal(bulk.length, to.length)
  assert.equal(new Set(bulk.map(({ recipients }) => recipients[0])).size, to.length)
  const together = sink.messages.filter(({ recipients }) => recipients.length > 1)
  assert.deepEqual(new Set(together.flatMap(({ recipients }) => recipients)).size, to.length)
  assert.ok(together.every(({ recipients }) => recipients.length <= 100))
})

test('A message of 20 MiB arrives octet by octet as it was sent', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({
    domains,
    config: trustLoopback + routeTo(sink.port),
  })
  const line = `${'0123456789abcdef'.repeat(4)}\r\n`
  const text = line.repeat(Math.ceil(SIZE / line.length)).trimEnd()
  const reply = await sendBySmtp(relay, {
    mail: '<orders@shop.example>',
    rcpt: ['<ann@example.net>'],
    content: messageText({ text }),
  })
  await outcomeOf(relay, /[0-9A-Z]{26}/.exec(reply)?.[0] ?? '', 'delivered')
  const content = sink.messages[0]?.content ?? Buffer.alloc(0)
  const body = content.subarray(content.indexOf('\r\n\r\n') + 4)
  assert.equal(body.length, text.length + 2)
  assert.equal(hash(body), hash(Buffer.from(`${text}\r\n`)))
})

test('Mail that needs SMTPUTF8 bounces with 5.6.7 where the receiver has it not', async () => {
  await using receiver = await ScriptedReceiver.start(
    polite({ keywords: ['PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES'] }),
  )
  await using relay = await RunningRelay.start({ domains, config: routeTo(receiver.port) })
  const messageId = await send(relay, { to: ['jürgen@example.net'] })
  const { reply } = await outcomeOf(relay, messageId, 'bounced')
  assert.equal(reply.enhanced, '5.6.7')
  assert.ok(receiver.peers.every(({ received }) => !received.includes('jürgen')))
  // The same receiver takes what does not need it.
  await outcomeOf(relay, await send(relay, { to: ['ann@example.net'] }), 'delivered')
})

function hash(octets: Buffer): string {
  return createHash('sha256').update(octets).digest('hex')
}
