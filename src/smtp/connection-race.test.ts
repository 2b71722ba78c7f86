// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialTo, octetsArrive, standStill, turnPast } from '../../test/support/receiver-client.ts'
import { ScriptedReceiver } from '../../test/support/scripted-receiver.ts'
import { SilentHost } from '../../test/support/silent-host.ts'
import { AbortSet } from '../base/abort-set.ts'
import { clientLimits, clientTimeouts } from '../base/limits/limits.ts'
import type { ClientConnection } from './client-connection.ts'
import { firstToAnswer, SpareCalls } from './connection-race.ts'

const MOST = 3

/** Ports of 127.0.0.1 as addresses of one host. */
function raceTo(ports: readonly number[], spare = new SpareCalls(MOST)) {
  const time = standStill()
  const abort = new AbortSet()
  const dials = ports.map((port) => dialTo(port, time, { abort }))
  const running = firstToAnswer(dials, spare)
  const portsOf = (some: readonly { readonly port: number }[]) => some.map(({ port }) => port)
  /** Nothing is held but the connection that was kept. */
  const assertFreed = (kept: number) => {
    assert.ok(time.wheel.size <= kept)
    assert.equal(abort.size, kept)
    assert.equal(spare.left, MOST)
  }
  return { time, abort, running, spare, portsOf, assertFreed }
}

function end(winner: ClientConnection | null): void {
  winner?.lose('aborted', 'the test is over')
}

async function refusingPort(): Promise<number> {
  await using receiver = await ScriptedReceiver.start(async () => {})
  return receiver.port
}

describe('Of addresses that are called beside each other', () => {
  test('the silent one that was called before the winner is overtaken, and hung up on', async () => {
    await using silent = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(async () => {})
    const { time, running, portsOf, assertFreed } = raceTo([silent.port, receiver.port])
    turnPast(time, clientLimits.nextAddressAfterMs)
    const { winner, losses, overtaken } = await running
    assert.equal(winner?.dial.port, receiver.port)
    assert.deepEqual([losses, portsOf(overtaken)], [[], [silent.port]])
    assertFreed(1)
    end(winner)
    assertFreed(0)
  })

  test('one that was called after the winner is hung up on, and not overtaken', async () => {
    await using silent = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(async () => {})
    const { time, running, spare, assertFreed } = raceTo([receiver.port, silent.port])
    turnPast(time, clientLimits.nextAddressAfterMs)
    assert.equal(spare.left, MOST - 1, 'both are being called')
    const { winner, losses, overtaken } = await running
    assert.equal(winner?.dial.port, receiver.port)
    assert.deepEqual([losses, overtaken], [[], []])
    end(winner)
    assertFreed(0)
  })

  test('all that answer but one are hung up on', async () => {
    await using one = await ScriptedReceiver.start(async () => {})
    await using other = await ScriptedReceiver.start(async (peer) => await peer.gone())
    const { time, running, assertFreed } = raceTo([one.port, other.port])
    turnPast(time, clientLimits.nextAddressAfterMs)
    const { winner } = await running
    await octetsArrive()
    end(winner)
    for (const receiver of [one, other])
      await Promise.all(receiver.peers.map((peer) => peer.gone()))
    assertFreed(0)
  })

  test('none is left when the relay gives up, and none is called any more', async () => {
    await using silent = await SilentHost.start()
    await using other = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(async () => {})
    const ports = [silent.port, other.port, receiver.port]
    const { time, abort, running, portsOf, assertFreed } = raceTo(ports)
    turnPast(time, clientLimits.nextAddressAfterMs)
    abort.abort()
    const { winner, losses, overtaken } = await running
    assert.deepEqual([winner, overtaken], [null, []])
    assert.deepEqual(portsOf(losses.map(({ dial }) => dial)), [silent.port, other.port])
    assertFreed(0)
    turnPast(time, clientTimeouts.connectMs)
    assert.equal(receiver.peers.length, 0)
  })

  test('nothing is called where the relay has given up before', async () => {
    await using receiver = await ScriptedReceiver.start(async () => {})
    const time = standStill()
    const abort = new AbortSet()
    abort.abort()
    const dials = [receiver.port, receiver.port].map((port) => dialTo(port, time, { abort }))
    const { winner, losses } = await firstToAnswer(dials, new SpareCalls(MOST))
    assert.deepEqual([winner, losses.length, time.wheel.size], [null, 1, 0])
    await octetsArrive()
    assert.equal(receiver.peers.length, 0)
  })

  test('all are lost where none answers in time, those called later later', async () => {
    await using silent = await SilentHost.start()
    await using other = await SilentHost.start()
    const refusing = await refusingPort()
    const { time, running, portsOf, assertFreed } = raceTo([silent.port, refusing, other.port])
    turnPast(time, clientLimits.nextAddressAfterMs)
    await octetsArrive()
    turnPast(time, clientTimeouts.connectMs)
    const { winner, losses } = await running
    assert.equal(winner, null)
    const lost = portsOf(losses.map(({ dial }) => dial))
    assert.deepEqual(lost, [refusing, silent.port, other.port])
    assertFreed(0)
  })
})

describe('Where no call beside another is left', () => {
  test('an address is called when the one before has failed', async () => {
    await using silent = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(async () => {})
    const { time, running, spare } = raceTo([silent.port, receiver.port], new SpareCalls(0))
    turnPast(time, clientLimits.nextAddressAfterMs)
    await octetsArrive()
    assert.equal(receiver.peers.length, 0)
    turnPast(time, clientTimeouts.connectMs)
    const { winner, losses, overtaken } = await running
    assert.equal(winner?.dial.port, receiver.port)
    assert.deepEqual([losses.length, overtaken, spare.left], [1, [], 0])
    end(winner)
  })

  test('an address is called once another race has given one back', async () => {
    await using silent = await SilentHost.start()
    await using receiver = await ScriptedReceiver.start(async () => {})
    const spare = new SpareCalls(1)
    const before = raceTo([silent.port, silent.port], spare)
    turnPast(before.time, clientLimits.nextAddressAfterMs)
    const { time, running } = raceTo([silent.port, receiver.port], spare)
    turnPast(time, clientLimits.nextAddressAfterMs)
    await octetsArrive()
    assert.equal(receiver.peers.length, 0)
    before.abort.abort()
    await before.running
    turnPast(time, clientLimits.nextAddressAfterMs)
    const { winner } = await running
    assert.equal(winner?.dial.port, receiver.port)
    end(winner)
    assert.equal(spare.left, 1)
  })
})
