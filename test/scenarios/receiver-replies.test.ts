// SPDX-License-Identifier: Apache-2.0
/** Replies in any grouping, early ones, refusals in any place: the session stays in step and goes on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dialOutcome, transactionOutcomes } from '../../src/delivery/outcome/outcome-of-reply.ts'
import { connectSession } from '../../src/smtp/client-dial.ts'
import {
  dialTo,
  greet,
  OFFERS_CHUNKING,
  OFFERS_PIPELINING,
  octetsArrive,
  readCommands,
  sessionWith,
  standStill,
  transaction,
} from '../support/receiver-client.ts'
import { type ScriptedPeer, ScriptedReceiver } from '../support/scripted-receiver.ts'

const GROUP =
  '250-2.1.0 sender\r\n250 2.1.0 ok\r\n550-5.1.1 no\r\n550 5.1.1 such user\r\n250 2.1.5 ok\r\n354 go\r\n'
const END = '250-2.0.0 queued\r\n250 2.0.0 as 1\r\n'

for (let size = 1; size <= GROUP.length; size += size < 8 ? 1 : 17)
  test(`Replies that come ${size} octets at a time say the same`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_PIPELINING)
      await readCommands(peer, 4)
      await peer.sendInPieces(GROUP, size)
      await peer.readUntil('\r\n.\r\n')
      await peer.sendInPieces(END, size)
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const result = await session.transact(transaction())
    assert.deepEqual(
      result.recipients.map(({ reply, stage }) => ({ ...reply, stage })),
      [
        { code: 550, enhanced: '5.1.1', text: 'no\nsuch user', stage: 'rcpt' },
        { code: 250, enhanced: '2.0.0', text: 'queued\nas 1', stage: 'content' },
      ],
    )
    assert.ok(session.isUsable)
    session.destroy()
  })

test('Replies that come before their commands are taken in order', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_PIPELINING)
    await peer.readOctets(1)
    peer.send('250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n')
    await peer.readUntil('\r\n.\r\n')
    peer.send('250 ok\r\n')
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  const result = await session.transact(transaction())
  assert.deepEqual(
    result.recipients.map(({ reply }) => reply.code),
    [550, 250],
  )
  session.destroy()
})

const refusals: readonly (readonly [
  what: string,
  replies: string,
  then: string | null,
  outcomes: readonly string[],
])[] = [
  ['MAIL', '550 no\r\n503 b\r\n503 b\r\n503 b\r\n', null, ['bounced message', 'bounced message']],
  [
    'MAIL for now',
    '451 no\r\n503 b\r\n503 b\r\n503 b\r\n',
    null,
    ['deferred path', 'deferred path'],
  ],
  [
    'every RCPT and DATA',
    '250 ok\r\n550 no\r\n450 no\r\n554 b\r\n',
    null,
    ['bounced recipient', 'deferred recipient'],
  ],
  [
    'every RCPT, but not DATA',
    '250 ok\r\n550 no\r\n450 no\r\n354 go\r\n',
    '554 nobody\r\n',
    ['bounced recipient', 'deferred recipient'],
  ],
  [
    'too many recipients, the old way',
    '250 ok\r\n250 ok\r\n552 too many\r\n354 go\r\n',
    '250 ok\r\n',
    ['delivered', 'deferred recipient'],
  ],
  [
    'a full mailbox',
    '250 ok\r\n250 ok\r\n552 5.2.2 full\r\n354 go\r\n',
    '250 ok\r\n',
    ['delivered', 'deferred recipient'],
  ],
  [
    'DATA',
    '250 ok\r\n250 ok\r\n550 no\r\n451 later\r\n',
    null,
    ['deferred message', 'bounced recipient'],
  ],
  [
    'the content',
    '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n',
    '554 5.7.1 spam\r\n',
    ['bounced message', 'bounced message'],
  ],
]

for (const [what, replies, then, outcomes] of refusals)
  test(`A receiver that refuses ${what} is reset and used again`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_PIPELINING)
      await readCommands(peer, 4)
      peer.send(replies)
      if (then !== null) {
        await peer.readUntil('.\r\n')
        peer.send(then)
      }
      const next = await peer.readLine()
      if (next === 'RSET') {
        peer.send('250 reset\r\n')
        await peer.readLine()
      }
      await readCommands(peer, 3)
      peer.send('250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n')
      await peer.readUntil('\r\n.\r\n')
      peer.send('250 ok\r\n')
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const result = await session.transact(transaction())
    assert.deepEqual(
      transactionOutcomes(result).map((outcome) =>
        'blame' in outcome ? `${outcome.kind} ${outcome.blame}` : outcome.kind,
      ),
      outcomes,
    )
    assert.ok(session.isUsable)
    const again = await session.transact(transaction())
    assert.equal(again.recipients[0]?.reply.code, 250)
    const isReset = !(outcomes.includes('delivered') && then?.startsWith('250'))
    assert.equal(receiver.peers[0]?.received.includes('RSET\r\nMAIL'), isReset)
    session.destroy()
  })

test('BDAT that was sent although nobody was accepted is read in step', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_CHUNKING)
    await readCommands(peer, 4)
    await peer.readOctets(43)
    peer.send('250 ok\r\n550 no\r\n550 no\r\n554 nobody\r\n')
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  const result = await session.transact(transaction())
  assert.deepEqual(
    result.recipients.map(({ stage }) => stage),
    ['rcpt', 'rcpt'],
  )
  assert.ok(session.isUsable)
  session.destroy()
})

for (const [stage, replies] of [
  ['mail', '421 4.7.0 slow down\r\n'],
  ['rcpt', '250 ok\r\n421 4.7.0 slow down\r\n'],
  ['data', '250 ok\r\n250 ok\r\n250 ok\r\n421 4.7.0 slow down\r\n'],
  ['content', '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n421 4.7.0 slow down\r\n'],
] as const)
  test(`A 421 at ${stage} is about the path and ends the session`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_PIPELINING)
      await readCommands(peer, 4)
      peer.send(replies)
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const result = await session.transact(transaction())
    for (const outcome of transactionOutcomes(result)) {
      assert.equal(outcome.kind === 'deferred' && outcome.blame, 'path')
      assert.equal(outcome.reply.text, 'slow down')
    }
    assert.equal(result.recipients[0]?.stage, stage)
    assert.ok(!session.isUsable)
    await receiver.peers[0]?.gone()
  })

for (const [stage, after] of [
  ['greeting', 0],
  ['ehlo', 1],
  ['starttls', 2],
] as const)
  test(`A 421 at ${stage} ends the dial, and says nothing about TLS`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      if (after > 0) peer.send('220 mx\r\n')
      for (let line = 1; line <= after; line++) {
        await peer.readLine()
        if (line < after) peer.send('250-mx\r\n250 STARTTLS\r\n')
      }
      peer.send('421 4.7.0 slow down\r\n')
    })
    const result = await connectSession(dialTo(receiver.port, standStill()))
    assert.ok(result.kind === 'failed')
    assert.deepEqual([result.stage, result.reply.code, result.tlsBroken], [stage, 421, false])
    const outcome = dialOutcome({ ...result, facts: null })
    assert.equal(outcome.kind === 'deferred' && outcome.blame, 'path')
  })

for (const [what, end] of [
  ['421', (peer: ScriptedPeer) => peer.send('421 4.3.2 going down\r\n')],
  ['close', (peer: ScriptedPeer) => peer.close()],
] as const)
  test(`A ${what} at RSET defers the recipients by path, and the session ends`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_PIPELINING)
      await readCommands(peer, 4)
      peer.send('550 no\r\n503 b\r\n503 b\r\n503 b\r\n')
      assert.equal(await peer.readLine(), 'RSET')
      end(peer)
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    await session.transact(transaction())
    const result = await session.transact(transaction())
    for (const { stage } of result.recipients) assert.equal(stage, 'rset')
    assert.ok(transactionOutcomes(result).every(({ kind }) => kind === 'deferred'))
    assert.ok(!session.isUsable)
  })

for (const said of ['', '250 ok\r\n', '250 ok\r\n250 ok\r\n250 ok\r\n'])
  test(`A close after BDAT and its content, saying ${JSON.stringify(said)}, leaves open whether they were taken`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_CHUNKING)
      await readCommands(peer, 4)
      await peer.readOctets(43)
      peer.send(said)
      peer.close()
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const result = await session.transact(transaction())
    for (const outcome of transactionOutcomes(result)) {
      assert.equal(outcome.kind, 'deferred')
      assert.match(outcome.reply.text, /whole content was sent: whether it was taken is unknown/)
    }
  })

for (const said of ['421 4.4.2 idle too long\r\n', '250 what?\r\n', ''])
  test(`A session that the server ends while idle, saying ${JSON.stringify(said)}, is told of`, async () => {
    const closed = Promise.withResolvers<void>()
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_CHUNKING)
      await readCommands(peer, 4)
      await peer.readOctets(43)
      peer.send('250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n')
      await octetsArrive()
      peer.send(said)
      peer.close()
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    session.onClose(closed.resolve)
    await session.transact(transaction())
    await closed.promise
    assert.ok(!session.isUsable)
    const late = await session.transact(transaction())
    assert.ok(late.lost?.wasStale)
    assert.equal(transactionOutcomes(late)[0]?.kind, 'deferred')
    await session.quit()
  })

test('QUIT is polite and bounded', async () => {
  const time = standStill()
  await using receiver = await ScriptedReceiver.start((peer) => greet(peer, OFFERS_PIPELINING))
  const session = await sessionWith(dialTo(receiver.port, time))
  const quitting = session.quit()
  assert.ok(!session.isUsable)
  await octetsArrive()
  assert.ok(receiver.peers[0]?.received.endsWith('QUIT\r\n'))
  time.clock.advance(6_000 as never)
  await quitting
  await receiver.peers[0]?.gone()
})
