// SPDX-License-Identifier: Apache-2.0
/** Receivers that hang, close, flood or answer nonsense: each ends in a bounded wait and a deferral that says so. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbortSet } from '../../src/base/abort-set.ts'
import { clientTimeouts } from '../../src/base/limits/limits.ts'
import { transactionOutcomes } from '../../src/delivery/outcome/outcome-of-reply.ts'
import { connectSession } from '../../src/smtp/client-dial.ts'
import {
  contentOf,
  dialTo,
  greet,
  OFFERS_CHUNKING,
  OFFERS_PIPELINING,
  octetsArrive,
  readCommands,
  sessionWith,
  standStill,
  transaction,
  turnPast,
  turnUntil,
} from '../support/receiver-client.ts'
import { type ScriptedPeer, ScriptedReceiver } from '../support/scripted-receiver.ts'

/** Plays a transaction of two recipients by DATA up to a stage, then `then`. */
const stages = ['mail', 'rcpt', 'data', 'content'] as const
const replies = ['250 ok\r\n', '250 ok\r\n250 ok\r\n', '354 go\r\n'] as const

async function playUntil(peer: ScriptedPeer, stage: (typeof stages)[number]): Promise<void> {
  await greet(peer, OFFERS_PIPELINING)
  await readCommands(peer, 4)
  peer.send(replies.slice(0, stages.indexOf(stage)).join(''))
  if (stage === 'content') await peer.readUntil('\r\n.\r\n')
}

const timeouts = {
  mail: clientTimeouts.mailMs,
  rcpt: clientTimeouts.rcptMs,
  data: clientTimeouts.dataMs,
  content: clientTimeouts.endOfDataMs,
} as const

for (const stage of stages)
  test(`Silence at ${stage} ends at its time-out, and the recipients are deferred`, async () => {
    const time = standStill()
    const silent = Promise.withResolvers<void>()
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await playUntil(peer, stage)
      silent.resolve()
    })
    const session = await sessionWith(dialTo(receiver.port, time))
    const running = session.transact(transaction())
    await silent.promise
    await octetsArrive()
    turnPast(time, timeouts[stage])
    const result = await running
    assert.equal(result.lost?.stage, stage)
    assert.equal(result.lost?.cause, 'time-out')
    for (const outcome of transactionOutcomes(result)) {
      assert.equal(outcome.kind, 'deferred')
      assert.equal(outcome.kind === 'deferred' && outcome.blame, 'path')
      assert.match(outcome.reply.text, /^no answer to .* within \d+ m/)
      assert.equal(outcome.reply.enhanced, '4.4.2')
    }
  })

for (const stage of stages)
  for (const how of ['close', 'reset'] as const)
    test(`A ${how} at ${stage} defers the recipients and says where it was`, async () => {
      await using receiver = await ScriptedReceiver.start(async (peer) => {
        await playUntil(peer, stage)
        peer[how]()
      })
      const session = await sessionWith(dialTo(receiver.port, standStill()))
      const result = await session.transact(transaction())
      assert.equal(result.lost?.cause, 'closed')
      assert.equal(result.lost?.wasStale, false)
      const outcomes = transactionOutcomes(result)
      assert.deepEqual(
        outcomes.map(({ kind, reply }) => [kind, reply.code, reply.enhanced]),
        [
          ['deferred', 421, '4.4.2'],
          ['deferred', 421, '4.4.2'],
        ],
      )
      if (how === 'close') assert.equal(result.lost?.stage, stage)
      if (how === 'close' && stage === 'content')
        assert.match(outcomes[0]?.reply.text ?? '', /whether it was taken is unknown/)
      assert.ok(!session.isUsable)
    })

const floods: readonly (readonly [name: string, octets: string, text: RegExp])[] = [
  ['a reply of 100,000 octets', `250 ${'x'.repeat(100_000)}\r\n`, /too long|without end/],
  ['a reply without end', '250-more\r\n'.repeat(20_000), /too many lines/],
  ['nonsense', 'GET / HTTP/1.1\r\n', /without a reply code/],
  ['a 354 to MAIL', '354 go\r\n', /answered with 354/],
]

for (const [name, octets, text] of floods)
  test(`A receiver that answers MAIL with ${name} is left, and the recipients are deferred`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_PIPELINING)
      await peer.readLine()
      peer.send(octets)
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const result = await session.transact(transaction())
    assert.equal(result.lost?.cause, 'nonsense')
    for (const outcome of transactionOutcomes(result)) {
      assert.equal(outcome.kind, 'deferred')
      assert.equal(outcome.reply.enhanced, '4.5.0')
      assert.match(outcome.reply.text, text)
      assert.ok(outcome.reply.text.length < 200)
    }
    await receiver.peers[0]?.gone()
  })

test('A receiver that offers PIPELINING and throws away what came with MAIL costs one time-out', async () => {
  const time = standStill()
  const silent = Promise.withResolvers<void>()
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_PIPELINING)
    await readCommands(peer, 4)
    peer.send('250 only MAIL was seen\r\n')
    silent.resolve()
  })
  const session = await sessionWith(dialTo(receiver.port, time))
  const running = session.transact(transaction())
  await silent.promise
  await octetsArrive()
  turnPast(time, clientTimeouts.rcptMs)
  const result = await running
  assert.deepEqual([result.lost?.stage, result.lost?.cause], ['rcpt', 'time-out'])
  assert.equal(transactionOutcomes(result)[0]?.kind, 'deferred')
})

test('A receiver that refuses in the middle of the content is heard, and the connection is given up', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, ['PIPELINING'])
    await readCommands(peer, 4)
    peer.send('250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n')
    await peer.readOctets(1_000)
    peer.send('552 5.3.4 too much\r\n')
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  const content = { ...contentOf(''), size: 1e12, body: endless() }
  const result = await session.transact(transaction({ content }))
  assert.equal(result.lost, null)
  assert.deepEqual(
    transactionOutcomes(result).map(({ kind, reply }) => `${kind} ${reply.code}`),
    ['bounced 552', 'bounced 552'],
  )
  assert.ok(!session.isUsable)
})

for (const parting of ['', '421 4.3.2 going down\r\n'])
  test(`A close in the middle of the content, saying ${JSON.stringify(parting)}, defers by path`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, ['PIPELINING'])
      await readCommands(peer, 4)
      peer.send('250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n')
      await peer.readOctets(1_000)
      peer.send(parting)
      peer.close()
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const content = { ...contentOf(''), size: 1e12, body: endless() }
    const result = await session.transact(transaction({ content }))
    for (const outcome of transactionOutcomes(result)) {
      assert.equal(outcome.kind === 'deferred' && outcome.blame, 'path')
      assert.match(outcome.reply.text, /going down|in the middle of the content/)
    }
    assert.ok(!session.isUsable)
  })

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.from('a line of text\r\n'.repeat(1_000))
}

test('A receiver that stops reading costs the time-out of a block', async () => {
  const time = standStill()
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, ['PIPELINING'])
    await readCommands(peer, 4)
    peer.send('250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n')
    peer.pause()
  })
  const session = await sessionWith(dialTo(receiver.port, time))
  const text = 'a line of text\r\n'.repeat(2_000_000)
  const running = session.transact(transaction({ content: contentOf(text) }))
  const result = await turnUntil(time, running)
  assert.equal(result.lost?.cause, 'time-out')
  assert.match(
    result.recipients[0]?.reply.text ?? '',
    /part of the content within 3 m \(in the middle/,
  )
})

test('Content that cannot be read here is cut off, not completed, and the path is not to blame', async () => {
  for (const offers of [['PIPELINING'], OFFERS_CHUNKING.filter((offer) => !/SIZE/.test(offer))]) {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, offers)
      await readCommands(peer, 3)
      peer.send('250 ok\r\n250 ok\r\n250 ok\r\n')
      if (offers.length === 1) peer.send('354 go\r\n')
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const content = { ...contentOf(''), size: 10_000, body: failing() }
    const result = await session.transact(transaction({ content }))
    assert.equal(result.lost?.cause, 'local')
    assert.deepEqual(
      transactionOutcomes(result).map((outcome) => outcome.kind === 'deferred' && outcome.blame),
      ['message', 'message'],
    )
    assert.equal(result.recipients[0]?.reply.code, 451)
    await receiver.peers[0]?.gone()
    assert.ok(!receiver.peers[0]?.received.endsWith('.\r\n'))
  }
})

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('some\r\n')
  throw new Error('EIO')
}

test('An abort ends a running transaction at once', async () => {
  const abort = new AbortSet()
  await using receiver = await ScriptedReceiver.start((peer) => greet(peer, OFFERS_PIPELINING))
  const session = await sessionWith(dialTo(receiver.port, standStill(), { abort }))
  const running = session.transact(transaction())
  abort.abort()
  assert.equal((await running).lost?.cause, 'aborted')
  await receiver.peers[0]?.gone()
})

const openings: readonly (readonly [
  stage: string,
  script: (peer: ScriptedPeer) => Promise<void>,
])[] = [
  ['greeting', async () => {}],
  ['ehlo', async (peer) => peer.send('220 hello\r\n')],
]

for (const [stage, script] of openings) {
  test(`Silence instead of the reply to ${stage} ends at its time-out`, async () => {
    const time = standStill()
    await using receiver = await ScriptedReceiver.start(script)
    const dialing = connectSession(dialTo(receiver.port, time))
    while (receiver.peers.length === 0) await octetsArrive()
    await octetsArrive()
    turnPast(time, clientTimeouts.greetingMs)
    const result = await dialing
    assert.equal(result.kind === 'failed' && result.stage, stage)
    assert.match(result.kind === 'failed' ? result.reply.text : '', /within 5 m/)
  })

  test(`A close instead of the reply to ${stage} is a failure of the dial`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await script(peer)
      peer.close()
    })
    const result = await connectSession(dialTo(receiver.port, standStill()))
    assert.equal(result.kind === 'failed' && result.stage, stage)
    assert.match(result.kind === 'failed' ? result.reply.text : '', /^the server closed/)
  })
}
