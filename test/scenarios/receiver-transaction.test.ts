// SPDX-License-Identifier: Apache-2.0
/** Transactions with receivers that behave: what is written, in how many writes, and what comes of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CONTENT,
  contentOf,
  dialTo,
  greet,
  OFFERS_CHUNKING,
  OFFERS_PIPELINING,
  readCommands,
  sessionWith,
  standStill,
  transaction,
} from '../support/receiver-client.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const STUFFED = 'X-Sig: ab\r\nSubject: a\r\n\r\n..dot\r\n...two\r\nend\r\n.\r\n'

test('With PIPELINING the envelope is one write and the content is another', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_PIPELINING)
    await readCommands(peer, 4)
    peer.send('250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n354 go\r\n')
    await peer.readUntil('\r\n.\r\n')
    peer.send('250 2.0.0 queued as 1\r\n')
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  const result = await session.transact(transaction())
  const peer = receiver.peers[0]
  assert.equal(
    peer?.received,
    'EHLO relay.example.org\r\n' +
      'MAIL FROM:<from@example.org> SIZE=43\r\n' +
      'RCPT TO:<a@example.net>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n' +
      STUFFED,
  )
  assert.equal(peer?.reads, 3, 'EHLO, envelope, content')
  assert.deepEqual(
    result.recipients.map(({ reply, stage }) => [reply.code, reply.enhanced, stage]),
    [
      [250, '2.0.0', 'content'],
      [250, '2.0.0', 'content'],
    ],
  )
  assert.equal(result.lost, null)
  assert.equal(result.facts.mx, `mx.example.net[127.0.0.1]:${receiver.port}`)
  assert.deepEqual(result.facts.conversation.slice(-8), [
    'C: RCPT TO:<b@example.net>',
    'C: DATA',
    'S: 250 2.1.0 ok',
    'S: 250 2.1.5 ok',
    'S: 250 2.1.5 ok',
    'S: 354 go',
    'C: (43 octets)',
    'S: 250 2.0.0 queued as 1',
  ])
  assert.ok(session.isUsable)
  session.destroy()
})

test('With CHUNKING a whole transaction is one write, without stuffed dots', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_CHUNKING)
    for (;;) {
      if ((await readCommands(peer, 3))[2] === null) return
      const bdat = await peer.readLine()
      await peer.readOctets(Number(bdat?.split(' ')[1]))
      peer.send('250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n250 2.0.0 queued\r\n')
    }
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  await session.transact(transaction())
  const second = await session.transact(transaction())
  const peer = receiver.peers[0]
  assert.equal(peer?.reads, 3, 'EHLO and two transactions')
  assert.ok(peer?.received.endsWith(`BDAT 43 LAST\r\nX-Sig: ab\r\n${CONTENT}`))
  assert.equal(peer?.received.includes('RSET'), false)
  assert.equal(second.recipients[0]?.reply.code, 250)
  assert.equal(second.facts.conversation[0], 'C: MAIL FROM:<from@example.org> SIZE=43')
  session.destroy()
})

test('Without any extension each command waits for the reply to the one before', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    peer.send('220 old\r\n')
    await peer.readLine()
    peer.send('500 what?\r\n')
    assert.equal(await peer.readLine(), 'HELO relay.example.org')
    peer.send('250 old\r\n')
    for (const answer of ['250 ok', '250 ok', '550 no', '354 go']) {
      await peer.readLine()
      peer.send(`${answer}\r\n`)
    }
    await peer.readUntil('\r\n.\r\n')
    peer.send('250 done\r\n')
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  const result = await session.transact(transaction({ ret: 'HDRS', envid: 'x' }))
  assert.deepEqual(receiver.peers[0]?.received.split('\r\n').slice(2, 6), [
    'MAIL FROM:<from@example.org>',
    'RCPT TO:<a@example.net>',
    'RCPT TO:<b@example.net>',
    'DATA',
  ])
  assert.deepEqual(
    result.recipients.map(({ reply, stage }) => `${reply.code} ${stage}`),
    ['250 content', '550 rcpt'],
  )
  session.destroy()
})

test('Parameters of DSN are sent where the server offers it', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, [...OFFERS_PIPELINING, 'DSN', 'SMTPUTF8'])
    await readCommands(peer, 3)
    peer.send('250 ok\r\n250 ok\r\n354 go\r\n')
    await peer.readUntil('\r\n.\r\n')
    peer.send('250 ok\r\n')
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  await session.transact(
    transaction({
      reversePath: '',
      recipients: [
        { forwardPath: 'a@example.net', notify: [], originalRecipient: 'rfc822;a+2Bx@example.org' },
      ],
      body: '8BITMIME',
      smtputf8: true,
      ret: 'HDRS',
      envid: 'a+b=c d',
    }),
  )
  assert.deepEqual(receiver.peers[0]?.received.split('\r\n').slice(1, 3), [
    'MAIL FROM:<> SIZE=43 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb+3Dc+20d',
    'RCPT TO:<a@example.net> NOTIFY=NEVER ORCPT=rfc822;a+2Bx@example.org',
  ])
  session.destroy()
})

test('What the server cannot take is refused without asking it', async () => {
  await using receiver = await ScriptedReceiver.start((peer) =>
    greet(peer, ['PIPELINING', 'SIZE 1000']),
  )
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  for (const [changes, expected] of [
    [{ smtputf8: true }, '553 5.6.7'],
    [{ body: '8BITMIME' }, '554 5.6.3'],
    [{ content: contentOf('x'.repeat(1000)) }, '552 5.3.4'],
  ] as const) {
    const { recipients } = await session.transact(transaction(changes))
    assert.deepEqual(
      recipients.map(({ reply, stage }) => [`${reply.code} ${reply.enhanced}`, stage]),
      [
        [expected, 'local'],
        [expected, 'local'],
      ],
    )
  }
  assert.equal(receiver.peers[0]?.received, 'EHLO relay.example.org\r\n')
  assert.ok(session.isUsable)
  session.destroy()
})

for (const [name, offers] of [
  ['DATA', OFFERS_PIPELINING.filter((offer) => !offer.startsWith('SIZE'))],
  ['BDAT', OFFERS_CHUNKING.filter((offer) => !offer.startsWith('SIZE'))],
] as const)
  test(`Large content is streamed by ${name}, from memory and from chunks, and arrives whole`, async () => {
    const line = `${'.'.repeat(99)}\r\n`
    const text = line.repeat(20_000)
    let arrived: string | null = null
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, offers)
      for (;;) {
        if ((await readCommands(peer, name === 'DATA' ? 4 : 3)).at(-1) === null) return
        peer.send(`250 ok\r\n250 ok\r\n250 ok\r\n${name === 'DATA' ? '354 go\r\n' : ''}`)
        if (name === 'DATA') {
          const stuffed = await peer.readUntil('\r\n.\r\n')
          arrived = `${stuffed}\r\n`.replaceAll('\r\n..', '\r\n.')
        } else {
          const bdat = await peer.readLine()
          assert.equal(bdat, `BDAT ${text.length + 11} LAST`)
          arrived = await peer.readOctets(text.length + 11)
        }
        peer.send('250 ok\r\n')
      }
    })
    const session = await sessionWith(dialTo(receiver.port, standStill()))
    const whole = contentOf(text)
    async function* chunks(): AsyncGenerator<Uint8Array> {
      const octets = Buffer.from(text)
      for (let at = 0; at < octets.length; at += 65_537) yield octets.subarray(at, at + 65_537)
    }
    for (const body of [whole.body, chunks()]) {
      arrived = null
      const result = await session.transact(
        transaction({ content: { ...whole, size: whole.size, body } }),
      )
      assert.equal(result.recipients[0]?.reply.code, 250)
      assert.ok(arrived === `X-Sig: ab\r\n${text}`)
    }
    session.destroy()
  })

test('An answer to BDAT that overtakes the end of the content from the disk is no answer to half a message', async () => {
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_CHUNKING)
    await readCommands(peer, 3)
    peer.send('250 ok\r\n250 ok\r\n250 ok\r\n')
    const bdat = await peer.readLine()
    await peer.readOctets(Number(bdat?.split(' ')[1]))
    peer.send('250 2.0.0 queued\r\n')
  })
  const session = await sessionWith(dialTo(receiver.port, standStill()))
  const whole = contentOf(CONTENT)
  const isAnswered = Promise.withResolvers<void>()
  async function* slowToEnd(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(CONTENT)
    await isAnswered.promise
  }
  const result = await session.transact(
    transaction({ content: { ...whole, size: whole.size, body: slowToEnd() } }),
  )
  isAnswered.resolve()
  assert.equal(result.lost, null)
  assert.equal(result.recipients[0]?.reply.code, 250)
  assert.ok(session.isUsable)
  session.destroy()
})
