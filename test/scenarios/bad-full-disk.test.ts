// SPDX-License-Identifier: Apache-2.0
/** A full disk under the spool: nothing new is taken, what was taken is delivered, and all is well when there is room again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { SmallDisk, unlessMountable } from '../support/small-disk.ts'

const MIB = 1_024 * 1_024
const MAIL = 'MAIL FROM:<orders@shop.example>'
const FULL = '452 4.3.1 Insufficient system storage'
const skip = await unlessMountable()

test('Below the low-water mark mail gets 452 4.3.1, and what waits is delivered', {
  skip,
}, async () => {
  await using disk = await SmallDisk.mount(64)
  await using sink = await startSink()
  await using relay = await startRelay(disk, sink.port, '16 MiB')
  await relay.json('queue', 'suspend', '*later.example', '--reason', 'test')
  const waiting = await send(relay, { to: ['ann@later.example'] })
  disk.fill(8 * MIB)
  await relay.untilReadiness('not ready')
  assert.match((await relay.readiness()).why, /\b\d+\.\d MiB free, 16\.0 MiB wanted/)
  await using session = await openSession(relay)
  assert.equal(await session.say(MAIL), FULL)
  assert.equal(sink.messages.length, 0)
  await relay.json('queue', 'resume', '*later.example')
  await outcomeOf(relay, waiting, 'delivered')
  assert.equal(await session.say(MAIL), FULL)
  disk.clear()
  await relay.untilReadiness('ready')
  assert.match(await session.say(MAIL), /^250 /)
  await outcomeOf(relay, await send(relay, { to: ['ann@soon.example'] }), 'delivered')
})

test('With no octet left the outcome of what is in flight is still written', { skip }, async () => {
  await using disk = await SmallDisk.mount(64)
  const arrived = Promise.withResolvers<void>()
  const mayGo = Promise.withResolvers<void>()
  await using sink = await startSink({
    onMessage: async () => {
      arrived.resolve()
      await mayGo.promise
    },
  })
  await using relay = await startRelay(disk, sink.port, '1 MiB')
  const inFlight = await send(relay, { to: ['ann@soon.example'] })
  await arrived.promise
  disk.fill()
  await relay.untilReadiness('not ready')
  await using session = await openSession(relay)
  assert.equal(await session.say(MAIL), FULL)
  mayGo.resolve()
  await outcomeOf(relay, inFlight, 'delivered')
  disk.clear()
  await relay.untilReadiness('ready')
  await relay.stop()
  await relay.restart()
  await outcomeOf(relay, inFlight, 'delivered')
  await outcomeOf(relay, await send(relay, { to: ['ann@soon.example'] }), 'delivered')
})

test('Where few files can still be made mail gets 452 4.3.1, and what waits is delivered', {
  skip,
}, async () => {
  await using disk = await SmallDisk.mount(64, 2_000)
  await using sink = await startSink()
  await using relay = await startRelay(disk, sink.port, '1 MiB')
  await relay.json('queue', 'suspend', '*later.example', '--reason', 'test')
  const waiting = await send(relay, { to: ['ann@later.example'] })
  disk.fillNames(20)
  await relay.untilReadiness('not ready')
  assert.match((await relay.readiness()).why, /^room for \d+ more files, 256 wanted$/)
  await using session = await openSession(relay)
  assert.equal(await session.say(MAIL), FULL)
  await relay.json('queue', 'resume', '*later.example')
  await outcomeOf(relay, waiting, 'delivered')
  disk.clearNames()
  await relay.untilReadiness('ready')
  assert.match(await session.say(MAIL), /^250 /)
})

function startRelay(disk: SmallDisk, sinkPort: number, lowWater: string): Promise<RunningRelay> {
  return RunningRelay.start({
    dataDir: disk.folder,
    domains: ['shop.example'],
    config: `[spool]\nlow_water = "${lowWater}"\n${trustLoopback}${routeTo(sinkPort)}`,
  })
}
