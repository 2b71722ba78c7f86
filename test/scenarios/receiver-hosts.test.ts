// SPDX-License-Identifier: Apache-2.0
/** Several hosts of a site: in order, past those that fail, with what was learnt about their TLS. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms } from '../../src/base/brand.ts'
import { clientLimits } from '../../src/base/limits.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { type ConnectResult, HostConnector } from '../../src/delivery/connect-hosts.ts'
import { BrokenTlsMemory } from '../../src/delivery/connect-tls-memory.ts'
import { dialOutcome } from '../../src/delivery/outcome-of-reply.ts'
import type { SiteRoute } from '../../src/delivery/routing.ts'
import type { Resolver } from '../../src/dns/resolver.ts'
import type { SiteName } from '../../src/protocol/mx.ts'
import type { EgressSourceName } from '../../src/queue/egress.ts'
import { greet, OFFERS_PIPELINING, standStill, type TestTime } from '../support/receiver-client.ts'
import { type Script, ScriptedReceiver } from '../support/scripted-receiver.ts'

const source = {
  name: 'default' as EgressSourceName,
  localAddress: null,
  ehloName: 'relay.example.org',
}

/** Each host name is an address of loopback, so nothing is asked of the DNS. */
const noDns = new Proxy({} as Resolver, {
  get: () => () => Promise.resolve({ kind: 'failed', text: 'no DNS here' }),
})

function connectorOn(time: TestTime): HostConnector {
  return new HostConnector({ resolver: noDns, random: new SeededRandom(1), ...time })
}

function routeTo(port: number, changes: Partial<SiteRoute> = {}): SiteRoute {
  return {
    kind: 'site',
    site: 'test' as SiteName,
    hosts: [
      { name: '127.0.0.1', preference: 1 },
      { name: '127.0.0.2', preference: 2 },
    ],
    port,
    tls: 'opportunistic',
    isSure: true,
    freshUntil: ms(Number.POSITIVE_INFINITY),
    ...changes,
  }
}

function connect(connector: HostConnector, route: SiteRoute): Promise<ConnectResult> {
  return connector.connect(route, source, new AbortController().signal)
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
    const result = await connect(connectorOn(standStill()), routeTo(receiver.port))
    assert.equal(result.kind, 'connected')
    if (result.kind !== 'connected') return
    assert.equal(result.session.name, `127.0.0.2[127.0.0.2]:${receiver.port}`)
    result.session.destroy()
  })

test('Where no host takes us, the last reply names all that were tried, and the path rests', async () => {
  await using receiver = await onBothHosts(async (peer) => {
    peer.send(peer.connection === 0 ? '421 4.3.2 full\r\n' : '554 5.7.1 not you\r\n')
  })
  const result = await connect(connectorOn(standStill()), routeTo(receiver.port))
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
  const result = await connect(connectorOn(standStill()), routeTo(port, { hosts }))
  assert.equal(result.kind === 'failed' && result.stage, 'connect')
  if (result.kind !== 'failed') return
  assert.deepEqual([result.reply.code, result.reply.enhanced], [421, '4.4.1'])
  assert.match(result.reply.text, /ECONNREFUSED/)
})

test('Where the DNS fails, the mail waits; where no host has an address for us, it bounces', async () => {
  const connector = connectorOn(standStill())
  const unknown = await connect(
    connector,
    routeTo(25, { hosts: [{ name: 'mx.example.net', preference: 1 }] }),
  )
  const wrongFamily = await connect(
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
  for (const turn of [0, clientLimits.brokenTlsMs - 1_000, 2_000]) {
    time.clock.advance(ms(turn))
    const result = await connect(connector, routeTo(receiver.port))
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
  const result = await connect(
    connectorOn(standStill()),
    routeTo(receiver.port, { tls: 'required' }),
  )
  assert.equal(result.kind, 'failed')
  assert.equal(receiver.peers.length, 2, 'each host once')
})

test('An abort ends the tries', async () => {
  const abort = new AbortController()
  await using receiver = await onBothHosts(async () => abort.abort())
  const result = await connectorOn(standStill()).connect(
    routeTo(receiver.port),
    source,
    abort.signal,
  )
  assert.equal(result.kind, 'failed')
  assert.equal(receiver.peers.length, 1)
})

test('The memory of broken TLS is bounded and forgets the oldest', () => {
  const memory = new BrokenTlsMemory(standStill().clock)
  for (let at = 0; at <= clientLimits.brokenTlsHosts; at++) memory.remember(`mx${at}`, 25)
  assert.equal(memory.isBroken('mx0', 25), false)
  assert.ok(memory.isBroken('mx1', 25))
  assert.equal(memory.isBroken('mx1', 26), false)
})
