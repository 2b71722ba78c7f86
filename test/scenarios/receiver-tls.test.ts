// SPDX-License-Identifier: Apache-2.0
/** STARTTLS with receivers that do it well, badly, or with bad intent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { connectSession } from '../../src/smtp/client-dial.ts'
import {
  answerEhlo,
  dialTo,
  greet,
  OFFERS_CHUNKING,
  OFFERS_PIPELINING,
  readCommands,
  sessionWith,
  standStill,
  transaction,
  turnUntil,
} from '../support/receiver-client.ts'
import { type ScriptedPeer, ScriptedReceiver } from '../support/scripted-receiver.ts'

const certificate = await makeCertificate(
  { commonName: 'mx.example.net' },
  new SystemClock(),
  new SystemRandom(),
)
const OFFERS_TLS = [...OFFERS_PIPELINING, 'STARTTLS']

async function playTransaction(peer: ScriptedPeer): Promise<void> {
  await readCommands(peer, 4)
  peer.send('250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n')
  await peer.readUntil('\r\n.\r\n')
  peer.send('250 ok\r\n')
}

test('Mail goes over TLS where it is offered, and EHLO is asked again', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_TLS)
    assert.equal(await peer.readLine(), 'STARTTLS')
    peer.send('220 go\r\n')
    peer.startTls(certificate)
    assert.equal(await peer.readLine(), 'EHLO relay.example.org')
    answerEhlo(peer, OFFERS_PIPELINING)
    await playTransaction(peer)
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  assert.equal(session.extensions.startTls, false)
  const result = await session.transact(transaction())
  assert.equal(result.recipients[0]?.reply.code, 250)
  assert.equal(result.facts.tls?.version, 'TLSv1.3')
  assert.equal(result.facts.tls?.verified, false)
  assert.match(
    result.facts.conversation.join('\n'),
    /\(TLSv1.3 with \w+, not verified: it is signed by itself\)/,
  )
  session.destroy()
})

test('What is said in the clear behind the 220 to STARTTLS is forgotten', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_TLS)
    await peer.readLine()
    peer.send('220 go\r\n250-evil\r\n250 CHUNKING\r\n')
    peer.startTls(certificate)
    await peer.readLine()
    answerEhlo(peer, OFFERS_PIPELINING)
    await playTransaction(peer)
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  assert.equal(session.extensions.chunking, false)
  const result = await session.transact(transaction())
  assert.equal(result.recipients[0]?.reply.code, 250)
  session.destroy()
})

const broken: readonly (readonly [
  what: string,
  script: (peer: ScriptedPeer) => void | Promise<void>,
  text: RegExp,
])[] = [
  ['answers it with 454', (peer) => peer.send('454 4.7.0 not now\r\n'), /^not now$/],
  ['answers it with 500', (peer) => peer.send('500 what?\r\n'), /^what\?$/],
  [
    'sends garbage in the handshake',
    async (peer) => {
      peer.send('220 go\r\n')
      await peer.readOctets(1)
      peer.send('this is no TLS record at all\r\n')
    },
    /TLS handshake failed/,
  ],
  [
    'closes in the handshake',
    (peer) => {
      peer.send('220 go\r\n')
      peer.close()
    },
    /TLS handshake failed/,
  ],
  ['closes at STARTTLS', (peer) => peer.close(), /the server closed the connection/],
]

for (const [what, script, text] of broken)
  test(`A receiver that offers STARTTLS and ${what} has broken TLS`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_TLS)
      await peer.readLine()
      await script(peer)
    })
    const result = await connectSession(dialTo(receiver.port, standStill()))
    assert.equal(result.kind, 'failed')
    if (result.kind !== 'failed') return
    assert.ok(result.tlsBroken)
    assert.equal(result.stage, 'starttls')
    assert.match(result.reply.text, text)
  })

test('A handshake that does not end is given up at its time-out', async () => {
  const time = standStill()
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_TLS)
    await peer.readLine()
    peer.send('220 go\r\n')
  })
  const result = await turnUntil(time, connectSession(dialTo(receiver.port, time)))
  assert.match(
    result.kind === 'failed' ? result.reply.text : '',
    /^the TLS handshake failed: no answer to the TLS handshake within 2 m/,
  )
})

test('A 421 to STARTTLS says nothing about TLS', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_TLS)
    await peer.readLine()
    peer.send('421 4.3.2 closing\r\n')
  })
  const result = await connectSession(dialTo(receiver.port, standStill()))
  assert.equal(result.kind === 'failed' && result.tlsBroken, false)
})

test('Where TLS is required, a receiver without it gets no mail', async () => {
  await using receiver = await ScriptedReceiver.start((peer) => greet(peer, OFFERS_CHUNKING))
  const result = await connectSession(dialTo(receiver.port, standStill(), { tls: 'require' }))
  assert.equal(result.kind, 'failed')
  assert.match(result.kind === 'failed' ? result.reply.text : '', /TLS is required/)
})

test('Where TLS is off, STARTTLS is not said', async () => {
  await using receiver = await ScriptedReceiver.start((peer) => greet(peer, OFFERS_TLS))
  const session = await sessionWith(dialTo(receiver.port, standStill(), { tls: 'none' }))
  assert.equal(session.tls, null)
  assert.equal(receiver.peers[0]?.received, 'EHLO relay.example.org\r\n')
  session.destroy()
})
