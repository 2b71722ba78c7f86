// SPDX-License-Identifier: Apache-2.0
/** Several hosts of a site: in order, past those that fail, with what was learnt about their TLS. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbortSet } from '../../src/base/abort-set.ts'
import { ms } from '../../src/base/brand.ts'
import { clientLimits, clientTimeouts } from '../../src/base/limits/limits.ts'
import { dialOutcome } from '../../src/delivery/outcome/outcome-of-reply.ts'
import type { SiteRoute } from '../../src/delivery/routing/routing.ts'
import {
  connectBy,
  connectorOn,
  greet,
  OFFERS_PIPELINING,
  octetsArrive,
  readCommands,
  routeToHosts,
  standStill,
  transaction,
  turnPast,
} from '../support/receiver-client.ts'
import { type Script, ScriptedReceiver } from '../support/scripted-receiver.ts'

function routeTo(port: number, changes: Partial<SiteRoute> = {}): SiteRoute {
  return routeToHosts(port, ['127.0.0.1', '127.0.0.2'], changes)
}

/** One receiver behind both hosts; its script sees the hosts in the order of their connections. */
function onBothHosts(script: Script): Promise<ScriptedReceiver> {
  return ScriptedReceiver.start(script, ['127.0.0.1', '127.0.0.2'])
}

for (const [what, script] of [
  ['says 421 at the greeting', async (peer) => peer.send('421 4.3.2 full\r\n')],
  ['says 554 at the greeting', async (peer) => peer.send('554 5.7.1 not you\r\n')],
  ['closes at once', async (peer) => peer.close()],
  ['talks something else', async (peer) => peer.send('SSH-2.0-x\r\n')],
] satisfies readonly (readonly [string, Script])[])
  test(`A host that ${what} is passed over for the next`, async () => {
    await using receiver = await onBothHosts((peer) =>
      peer.connection === 0 ? script(peer) : greet(peer, OFFERS_PIPELINING),
    )
    const result = await connectBy(connectorOn(standStill()), routeTo(receiver.port))
    assert.equal(result.kind, 'connected')
    if (result.kind !== 'connected') return
    assert.equal(result.session.name, `127.0.0.2[127.0.0.2]:${receiver.port}`)
    result.session.destroy()
  })

test('Where no host takes us, the last reply names all that were tried, and the path rests', async () => {
  await using receiver = await onBothHosts(async (peer) => {
    peer.send(peer.connection === 0 ? '421 4.3.2 full\r\n' : '554 5.7.1 not you\r\n')
  })
  const result = await connectBy(connectorOn(standStill()), routeTo(receiver.port))
  assert.equal(result.kind, 'failed')
  if (result.kind !== 'failed') return
  const { port } = receiver
  assert.equal(
    result.reply.text,
    `not you (tried 127.0.0.1[127.0.0.1]:${port}: 421 4.3.2 full; 127.0.0.2[127.0.0.2]:${port}: 554 5.7.1 not you)`,
  )
  assert.deepEqual(result.facts?.conversation, ['S: 554 5.7.1 not you'])
  const outcome = dialOutcome(result)
  assert.equal(outcome.kind === 'deferred' && outcome.blame, 'path')
})

test('Where nobody listens, the reply is in our words', async () => {
  let port = 0
  {
    await using receiver = await ScriptedReceiver.start(async () => {})
    port = receiver.port
  }
  const hosts = [{ name: '127.0.0.1', preference: 1 }]
  const result = await connectBy(connectorOn(standStill()), routeTo(port, { hosts }))
  assert.equal(result.kind === 'failed' && result.stage, 'connect')
  if (result.kind !== 'failed') return
  assert.deepEqual([result.reply.code, result.reply.enhanced], [421, '4.4.1'])
  assert.match(result.reply.text, /ECONNREFUSED/)
})

test('Where the DNS fails, the mail waits; where no host has an address for us, it bounces', async () => {
  const connector = connectorOn(standStill())
  const unknown = await connectBy(
    connector,
    routeTo(25, { hosts: [{ name: 'mx.example.net', preference: 1 }] }),
  )
  const wrongFamily = await connectBy(
    connector,
    routeTo(25, { hosts: [{ name: '::1', preference: 1 }] }),
  )
  assert.equal(unknown.kind === 'failed' && dialOutcome(unknown).kind, 'deferred')
  assert.equal(wrongFamily.kind === 'failed' && dialOutcome(wrongFamily).kind, 'bounced')
  assert.equal(unknown.kind === 'failed' && unknown.facts, null)
})

test('A host whose STARTTLS is broken is called in the clear, and that is remembered for a while', async () => {
  const time = standStill()
  await using receiver = await onBothHosts(async (peer) => {
    await greet(peer, [...OFFERS_PIPELINING, 'STARTTLS'])
    if ((await peer.readLine()) === 'STARTTLS') peer.send('454 4.7.0 broken\r\n')
  })
  const connector = connectorOn(time)
  const connections: number[] = []
  for (const turn of [0, clientLimits.flawMs - 1_000, 2_000]) {
    time.clock.advance(ms(turn))
    const result = await connectBy(connector, routeTo(receiver.port))
    assert.equal(result.kind === 'connected' && result.session.tls, null)
    if (result.kind === 'connected') result.session.destroy()
    connections.push(receiver.peers.length)
  }
  assert.deepEqual(connections, [2, 3, 5], 'asked at first and after an hour, not between')
})

test('Where TLS is required there is no fallback', async () => {
  await using receiver = await onBothHosts(async (peer) => {
    await greet(peer, [...OFFERS_PIPELINING, 'STARTTLS'])
    await peer.readLine()
    peer.send('454 4.7.0 broken\r\n')
  })
  const result = await connectBy(
    connectorOn(standStill()),
    routeTo(receiver.port, { tls: 'require' }),
  )
  assert.equal(result.kind, 'failed')
  assert.equal(receiver.peers.length, 2, 'each host once')
})

test('An abort ends the tries', async () => {
  const abort = new AbortSet()
  await using receiver = await onBothHosts(async () => abort.abort())
  const result = await connectBy(connectorOn(standStill()), routeTo(receiver.port), abort)
  assert.equal(result.kind, 'failed')
  assert.equal(receiver.peers.length, 1)
})

test('A host that greets with 5yz rests for all sites: others are tried before it, until its rest is over', async () => {
  const time = standStill()
  let isDown = true
  const called: string[] = []
  await using receiver = await onBothHosts(async (peer) => {
    called.push(peer.host)
    if (isDown && peer.host === '127.0.0.1') peer.send('554 5.7.1 not you\r\n')
    else await greet(peer, OFFERS_PIPELINING)
  })
  const connector = connectorOn(time)
  const attempt = async (site: string): Promise<string> => {
    called.length = 0
    const changes = { site: site as SiteRoute['site'] }
    const result = await connectBy(connector, routeTo(receiver.port, changes))
    if (result.kind === 'connected') result.session.destroy()
    return called.join(' ')
  }
  assert.equal(await attempt('one'), '127.0.0.1 127.0.0.2')
  assert.equal(await attempt('two'), '127.0.0.2')
  time.clock.advance(ms(60_000))
  assert.equal(await attempt('two'), '127.0.0.1 127.0.0.2')
  assert.equal(await attempt('one'), '127.0.0.2')
  isDown = false
  time.clock.advance(ms(5 * 60_000))
  assert.equal(await attempt('one'), '127.0.0.1')
  assert.equal(await attempt('two'), '127.0.0.1')
})

test('When no other host works, one that rests is tried after all', async () => {
  const script: Script = (peer) => greet(peer, OFFERS_PIPELINING)
  const connector = connectorOn(standStill())
  let port = 0
  {
    await using receiver = await ScriptedReceiver.start(script, ['127.0.0.2'])
    port = receiver.port
    const result = await connectBy(connector, routeTo(port))
    assert.ok(result.kind === 'connected')
    result.session.destroy()
  }
  await using other = await ScriptedReceiver.start(script, ['127.0.0.1'], port)
  const result = await connectBy(connector, routeTo(other.port))
  assert.equal(result.kind === 'connected' && result.session.name, `127.0.0.1[127.0.0.1]:${port}`)
  if (result.kind === 'connected') result.session.destroy()
})

test('After the time of an attempt no further host is tried', async () => {
  const time = standStill()
  await using receiver = await onBothHosts(async () => {
    time.clock.advance(ms(clientLimits.hostsPerAttemptMs))
  })
  const result = await connectBy(connectorOn(time), routeTo(receiver.port))
  assert.match(result.kind === 'failed' ? result.reply.text : '', /^no answer to the \w+ within/)
  assert.equal(receiver.peers.length, 1)
})

test('A host that offers PIPELINING and drops what comes in a group gets one command at a time from then on', async () => {
  const time = standStill()
  const isSilent = Promise.withResolvers<void>()
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    await greet(peer, OFFERS_PIPELINING)
    if (peer.connection === 0) {
      await readCommands(peer, 4)
      peer.send('250 only MAIL was seen\r\n')
      return isSilent.resolve()
    }
    for (const answer of ['250 ok', '250 ok', '250 ok', '354 go']) {
      await peer.readLine()
      assert.ok(peer.received.endsWith('\r\n'), 'one command and no more')
      peer.send(`${answer}\r\n`)
    }
    await peer.readUntil('\r\n.\r\n')
    peer.send('250 ok\r\n')
  })
  const connector = connectorOn(time)
  const route = routeToHosts(receiver.port, ['127.0.0.1'])
  const first = await connectBy(connector, route)
  assert.ok(first.kind === 'connected')
  const running = first.session.transact(transaction())
  await isSilent.promise
  await octetsArrive()
  turnPast(time, clientTimeouts.rcptMs)
  const { lost } = await running
  assert.ok(lost)
  connector.learn(first.session, lost)
  const second = await connectBy(connector, route)
  assert.ok(second.kind === 'connected')
  const result = await second.session.transact(transaction())
  assert.deepEqual(
    result.recipients.map(({ reply }) => reply.code),
    [250, 250],
  )
  second.session.destroy()
})
