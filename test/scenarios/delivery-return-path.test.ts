// SPDX-License-Identifier: Apache-2.0
/** The return path tells whose message comes back; recipients share a transaction where their stream allows it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { SystemClock } from '../../src/base/clock.ts'
import { type Keyring, parseKeyFile } from '../../src/base/keyring.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { messageIdOctets, parseMessageId } from '../../src/events/ids.ts'
import { AddressHasher } from '../../src/protocol/address-hash.ts'
import { parseMailbox } from '../../src/protocol/mailbox.ts'
import { TokenSealer } from '../../src/protocol/token.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const replies: Readonly<Record<string, string>> = {
  full: '452 4.2.2 Mailbox full',
  gone: '550 5.1.1 No such user',
}
const RCPT = /^RCPT TO:<(\w+)@/

let attempts: string[] = []
const running = new AsyncDisposableStack()
let receiver: PoliteReceiver
let relay: RunningRelay

before(async () => {
  receiver = running.use(
    await PoliteReceiver.start({
      answer: (line) => {
        if (/^(MAIL|RCPT) /.test(line)) attempts.push(line)
        return replies[RCPT.exec(line)?.[1] ?? '']
      },
    }),
  )
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      commands: [['stream', 'add', 'shared', '--kind', 'transactional', '--share-transactions']],
      config: routeTo(receiver.port),
    }),
  )
})

after(() => running.disposeAsync())

function keyring(): Keyring {
  const file = join(relay.folder, 'posthaste.key')
  return parseKeyFile(readFileSync(file, 'utf8'), file, new SystemRandom())
}

/** What the return path of a transaction says. */
function openReturnPath(mail: string) {
  const [, local = '', domain] = /^MAIL FROM:<([^@]+)@([^>]+)>/.exec(mail) ?? []
  assert.equal(domain, 'bounce.shop.example')
  const opened = new TokenSealer(keyring()).open(local, new SystemClock().now())
  assert.equal(opened.kind, 'token')
  if (opened.kind !== 'token') throw new TypeError(local)
  assert.equal(opened.isExpired, false)
  return opened.token
}

function octetsOf(messageId: string): Buffer {
  const id = parseMessageId(messageId)
  assert.ok(id)
  return Buffer.from(messageIdOctets(id))
}

test('Each recipient has a transaction and a return path of its own', async () => {
  receiver.seen.length = 0
  const to = ['ann@example.net', 'bo@example.net', 'cy@example.net']
  const messageId = await send(relay, { to, stream: 'bulk' })
  for (const recipient of to) await outcomeOf(relay, messageId, 'delivered', recipient)
  assert.equal(receiver.seen.length, 3)
  for (const { mail, rcpt } of receiver.seen) {
    const token = openReturnPath(mail)
    const [recipient = ''] = rcpt.map((line) => line.slice('RCPT TO:<'.length, line.indexOf('>')))
    const mailbox = parseMailbox(recipient)
    assert.ok(mailbox)
    assert.deepEqual(Buffer.from(token.messageId), octetsOf(messageId))
    assert.equal(to[token.recipientIndex ?? -1], recipient)
    assert.deepEqual(
      Buffer.from(token.addressHash),
      Buffer.from(new AddressHasher(keyring()).hash('default', mailbox)),
    )
  }
})

test('In a stream that shares transactions one carries all recipients, and each has an outcome of its own', async () => {
  receiver.seen.length = 0
  attempts = []
  const to = ['ann@example.net', 'gone@example.net', 'full@example.net']
  const messageId = await send(relay, { to, stream: 'shared' })
  const delivered = await outcomeOf(relay, messageId, 'delivered')
  const bounced = await outcomeOf(relay, messageId, 'bounced')
  const deferred = await outcomeOf(relay, messageId, 'deferred')
  assert.equal(delivered.recipient, 'ann@example.net')
  assert.equal(bounced.recipient, 'gone@example.net')
  assert.equal(bounced.reply.text, 'No such user')
  assert.equal(deferred.recipient, 'full@example.net')
  assert.equal(deferred.reply.text, 'Mailbox full')
  const ofMessage = attempts.filter(
    (line) => line.startsWith('RCPT') && line.includes('example.net'),
  )
  assert.equal(ofMessage.length, 3)
  const out = receiver.sentTo('ann@')
  const token = openReturnPath(out?.mail ?? '')
  assert.equal(token.recipientIndex, null)
  assert.deepEqual(Buffer.from(token.messageId), octetsOf(messageId))
})

test('Recipients of domains that have one site share a transaction too', async () => {
  receiver.seen.length = 0
  const to = ['ann@one.example', 'bo@two.example']
  const messageId = await send(relay, { to, stream: 'shared' })
  for (const recipient of to) await outcomeOf(relay, messageId, 'delivered', recipient)
  assert.deepEqual(
    receiver.seen.map(({ rcpt }) => rcpt.length),
    [2],
  )
})
