// SPDX-License-Identifier: Apache-2.0
/** A host with an address of each family: which of them is called, when, and what is learnt of it (RFC 8305). */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AbortSet } from '../../src/base/abort-set.ts'
import { clientLimits, clientTimeouts } from '../../src/base/limits/limits.ts'
import type { EgressSource } from '../../src/queue/egress.ts'
import { skipWithoutIpv6 } from '../support/ipv6.ts'
import {
  connectBy,
  connectorOn,
  greet,
  OFFERS_PIPELINING,
  octetsArrive,
  routeToHosts,
  standStill,
  turnPast,
  turnUntil,
  viaDefaultSource,
} from '../support/receiver-client.ts'
import { type Script, type ScriptedPeer, ScriptedReceiver } from '../support/scripted-receiver.ts'
import { SilentHost } from '../support/silent-host.ts'

const viaBoth: EgressSource = { ...viaDefaultSource, families: [4, 6] }
const welcome: Script = (peer) => greet(peer, OFFERS_PIPELINING)
const unwelcome: Script = async (peer) => peer.send('554 5.7.1 not you\r\n')
const never = new AbortSet()

/** `localhost` has both, and is not asked for. */
const routeTo = (port: number) => routeToHosts(port, ['localhost'])

describe('Of a host with both families', { skip: skipWithoutIpv6 }, () => {
  test('the preferred one is called, and the other left alone where that answers', async () => {
    for (const [families, host] of [
      [[4, 6], '127.0.0.1'],
      [[6, 4], '::1'],
    ] as const) {
      await using receiver = await ScriptedReceiver.start(welcome, ['127.0.0.1', '::1'])
      const source = { ...viaBoth, families }
      const route = routeTo(receiver.port)
      const result = await connectBy(connectorOn(standStill()), route, never, source)
      assert.ok(result.kind === 'connected')
      result.session.destroy()
      assert.deepEqual(
        receiver.peers.map((peer) => peer.host),
        [host],
      )
    }
  })

  test('the other one is called at once where the first refuses the call', async () => {
    await using receiver = await ScriptedReceiver.start(welcome, ['::1'])
    const route = routeTo(receiver.port)
    const result = await connectBy(connectorOn(standStill()), route, never, viaBoth)
    assert.ok(result.kind === 'connected')
    assert.equal(result.session.name, `localhost[::1]:${receiver.port}`)
    result.session.destroy()
  })

  test('the other one is called beside the first where that does not answer, which then rests', async () => {
    await using silent = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(welcome, ['::1'], silent.port)
    const time = standStill()
    const connector = connectorOn(time)
    const calling = connectBy(connector, routeTo(silent.port), never, viaBoth)
    await octetsArrive()
    assert.equal(receiver.peers.length, 0, 'it has some time first')
    turnPast(time, clientLimits.nextAddressAfterMs)
    const result = await calling
    assert.ok(result.kind === 'connected')
    assert.equal(result.session.name, `localhost[::1]:${silent.port}`)
    result.session.destroy()
    const again = await connectBy(connector, routeTo(silent.port), never, viaBoth)
    assert.ok(again.kind === 'connected', 'without any time going by')
    again.session.destroy()
  })

  test('the other one is called where the first greets with 5yz', async () => {
    await using receiver = await ScriptedReceiver.start(
      (peer: ScriptedPeer) => (peer.host === '127.0.0.1' ? unwelcome(peer) : welcome(peer)),
      ['127.0.0.1', '::1'],
    )
    const route = routeTo(receiver.port)
    const result = await connectBy(connectorOn(standStill()), route, never, viaBoth)
    assert.ok(result.kind === 'connected')
    assert.equal(receiver.peers.length, 2)
    result.session.destroy()
  })

  test('the one that was overtaken is called again where the faster one greets with 5yz, and the reply names both', async () => {
    await using silent = await SilentHost.start()
    await using _ = await ScriptedReceiver.start(unwelcome, ['::1'], silent.port)
    const time = standStill()
    const result = await turnUntil(
      time,
      connectBy(connectorOn(time), routeTo(silent.port), never, viaBoth),
    )
    assert.ok(result.kind === 'failed')
    assert.match(result.reply.text, /tried localhost\[::1\]:\d+: 554 .*; localhost\[127\.0\.0\.1\]/)
    assert.equal(result.stage, 'connect')
  })

  test('a source of one family calls that alone, however long it takes', async () => {
    await using silent = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(welcome, ['::1'], silent.port)
    const time = standStill()
    const result = await turnUntil(time, connectBy(connectorOn(time), routeTo(silent.port)))
    assert.equal(result.kind === 'failed' && result.stage, 'connect')
    assert.equal(receiver.peers.length, 0)
  })

  test('an abort ends the call, and no other one is made', async () => {
    await using silent = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(welcome, ['::1'], silent.port)
    const abort = new AbortSet()
    const time = standStill()
    const calling = connectBy(connectorOn(time), routeTo(silent.port), abort, viaBoth)
    await octetsArrive()
    abort.abort()
    const result = await calling
    assert.equal(receiver.peers.length, 0)
    assert.match(result.kind === 'failed' ? result.reply.text : '', /gave up/)
  })

  test('where neither takes the call, the reply names both', async () => {
    let port = 0
    {
      await using receiver = await ScriptedReceiver.start(welcome, ['::1'])
      port = receiver.port
    }
    const result = await connectBy(connectorOn(standStill()), routeTo(port), never, viaBoth)
    assert.ok(result.kind === 'failed')
    assert.match(result.reply.text, /tried localhost\[127\.0\.0\.1\].*; localhost\[::1\]/)
  })
})

test('A host of less preference is not called beside one that does not answer yet', async () => {
  await using silent = await SilentHost.start()
  const time = standStill()
  let calledAt = 0
  const script: Script = (peer) => {
    calledAt = time.clock.monotonic()
    return welcome(peer)
  }
  await using _ = await ScriptedReceiver.start(script, ['127.0.0.2'], silent.port)
  const route = routeToHosts(silent.port, ['127.0.0.1', '127.0.0.2'])
  const result = await turnUntil(time, connectBy(connectorOn(time), route))
  assert.ok(result.kind === 'connected')
  result.session.destroy()
  assert.ok(calledAt >= clientTimeouts.connectMs)
})
