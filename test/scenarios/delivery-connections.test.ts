// SPDX-License-Identifier: Apache-2.0
/** Connections to a site: how many, how long, how much mail on each, and who shares them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { polite, type SeenTransaction } from '../support/polite-script.ts'
import { namesFrom, routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const domains = ['shop.example']

/** `count` messages in one stream, and their ids. */
function sendMany(relay: RunningRelay, count: number, domain: string): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, at) => send(relay, { to: [`user${at}@${domain}`] })),
  )
}

async function allDelivered(relay: RunningRelay, ids: readonly string[]): Promise<void> {
  for (const id of ids) await outcomeOf(relay, id, 'delivered')
}

test('Domains with the same MX hosts share a site and its connection', async () => {
  const seen: SeenTransaction[] = []
  await using receiver = await ScriptedReceiver.start(polite({ take: (one) => note(seen, one) }))
  await using zone = await ZoneServer.start({
    zone: `
a.example MX 10 mx.host.example
b.example MX 30 mx.host.example
mx.host.example A 127.0.0.1`,
  })
  await using relay = await RunningRelay.start({
    domains,
    config: `${namesFrom(zone)}\n[delivery]\nport = ${receiver.port}\nconnections_per_site = 1\n`,
  })
  const first = await outcomeOf(relay, await send(relay, { to: ['ann@a.example'] }), 'delivered')
  const second = await outcomeOf(relay, await send(relay, { to: ['bo@b.example'] }), 'delivered')
  assert.equal(first.site, second.site)
  assert.notEqual(first.queue, second.queue)
  assert.equal(receiver.peers.length, 1)
  assert.equal(second.delays.connect, 0)
})

test('At most 10 connections go to a site, and each is used again', async () => {
  const seen: SeenTransaction[] = []
  const tenBusy = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  await using receiver = await ScriptedReceiver.start(
    polite({
      take: async (one) => {
        note(seen, one)
        if (new Set(seen.map(({ connection }) => connection)).size === 10) tenBusy.resolve()
        await release.promise
        return '250 2.0.0 Ok'
      },
    }),
  )
  await using relay = await RunningRelay.start({ domains, config: routeTo(receiver.port) })
  const ids = await sendMany(relay, 40, 'busy.example')
  await tenBusy.promise
  assert.equal(receiver.peers.length, 10)
  release.resolve()
  await allDelivered(relay, ids)
  assert.equal(receiver.peers.length, 10)
  assert.equal(seen.length, 40)
})

test('A connection carries at most 100 messages, and one without work is closed with QUIT', async () => {
  const seen: SeenTransaction[] = []
  const bothQuit = Promise.withResolvers<void>()
  let quits = 0
  await using receiver = await ScriptedReceiver.start(
    polite({
      answer: (line) => {
        if (line === 'QUIT' && ++quits === 2) bothQuit.resolve()
        return undefined
      },
      take: (one) => note(seen, one),
    }),
  )
  await using relay = await RunningRelay.start({
    domains,
    config: `${routeTo(receiver.port)}\n[delivery]\nconnections_per_site = 1\nidle = "200ms"\n`,
  })
  await relay.json('queue', 'suspend', '*@busy.example', '--reason', 'all at once')
  const ids = await sendMany(relay, 120, 'busy.example')
  await relay.json('queue', 'resume', '*@busy.example')
  await allDelivered(relay, ids)
  const byConnection = Map.groupBy(seen, ({ connection }) => connection)
  assert.deepEqual(
    [...byConnection.values()].map(({ length }) => length),
    [100, 20],
  )
  await bothQuit.promise
})

test('A site that found all connections of the process taken gets its turn when one ends', async () => {
  const release = Promise.withResolvers<void>()
  const isBusy = Promise.withResolvers<void>()
  await using busy = await ScriptedReceiver.start(
    polite({
      take: async () => {
        isBusy.resolve()
        await release.promise
        return '250 2.0.0 Ok'
      },
    }),
  )
  await using other = await ScriptedReceiver.start(polite())
  await using relay = await RunningRelay.start({
    domains,
    config: `${routeTo(busy.port, 'busy.example')}${routeTo(other.port, 'other.example')}
[delivery]
max_connections = 1
idle = "100ms"
`,
  })
  const first = await send(relay, { to: ['ann@busy.example'] })
  await isBusy.promise
  const second = await send(relay, { to: ['ann@other.example'] })
  release.resolve()
  await allDelivered(relay, [first, second])
})

function note(seen: SeenTransaction[], one: SeenTransaction): string {
  seen.push(one)
  return '250 2.0.0 Ok'
}
