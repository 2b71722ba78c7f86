// SPDX-License-Identifier: Apache-2.0
/** Ways out: each source has an address of its own and a name of its own, and a domain is reached by what fits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { skipWithoutIpv6 } from '../support/ipv6.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { namesFrom, routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { type Script, ScriptedReceiver } from '../support/scripted-receiver.ts'

const domains = ['shop.example']

function source(name: string, address: string): string {
  return `[[source]]\nname = "${name}"\naddress = "${address}"\nehlo = "${name}.example.com"\n`
}

test('Sources of a pool take turns, each from its own address and under its own name', async () => {
  await using sink = await startSink({})
  await using relay = await RunningRelay.start({
    domains,
    config: `${routeTo(sink.port)}${source('one', '127.0.0.21')}${source('two', '127.0.0.22')}
[delivery]
connections_per_site = 2
messages_per_connection = 1
`,
  })
  const seen = new Set<string>()
  for (let at = 0; at < 6; at++) {
    const id = await send(relay, { to: [`user${at}@example.net`] })
    const delivered = await outcomeOf(relay, id, 'delivered')
    const [greeting] = delivered.conversation.filter((line) => line.startsWith('C: EHLO'))
    assert.equal(greeting, `C: EHLO ${delivered.source}.example.com`)
    const address = sink.messages.at(-1)?.client ?? ''
    assert.equal(address, delivered.source === 'one' ? '127.0.0.21' : '127.0.0.22')
    seen.add(delivered.source)
  }
  assert.deepEqual([...seen].sort(), ['one', 'two'])
})

test('A source with an IPv6 address reaches a domain that has no other', {
  skip: skipWithoutIpv6,
}, async () => {
  await using sink = await startSink({}, { address: '::1' })
  await using zone = await ZoneServer.start({
    zone: 'six.example MX 10 mx.six.example\nmx.six.example AAAA ::1',
  })
  await using relay = await RunningRelay.start({
    domains,
    config: `${namesFrom(zone)}${source('six', '::1')}[delivery]\nport = ${sink.port}\n`,
  })
  const delivered = await outcomeOf(
    relay,
    await send(relay, { to: ['ann@six.example'] }),
    'delivered',
  )
  assert.match(delivered.mx ?? '', /^mx\.six\.example\[::1\]/)
})

const BOTH_ZONE = 'both.example AAAA ::1\nboth.example A 127.0.0.1\nfour.example A 127.0.0.1'

/** A pool with a source of each family, whatever the other end of IPv6 is; the other of IPv4 is a sink. */
async function mixedPool(owned: AsyncDisposableStack, six?: Script): Promise<RunningRelay> {
  const sink = owned.use(await startSink())
  if (six) owned.use(await ScriptedReceiver.start(six, ['::1'], sink.port))
  const zone = owned.use(await ZoneServer.start({ zone: BOTH_ZONE }))
  const sources = source('six', '::1') + source('four', '127.0.0.1')
  const config = `${namesFrom(zone)}${sources}[delivery]\nport = ${sink.port}\n`
  return owned.use(await RunningRelay.start({ domains, config }))
}

for (const [what, domain, six] of [
  ['has no address for', 'four.example', undefined],
  ['answers nothing to', 'both.example', async () => {}],
  ['refuses', 'both.example', async (peer) => peer.send('554 5.7.1 not you\r\n')],
  ['is not there for', 'both.example', undefined],
] satisfies readonly (readonly [string, string, Script | undefined])[])
  test(`Mail to a domain that ${what} IPv6 goes by IPv4 at the first attempt`, {
    skip: skipWithoutIpv6,
  }, async () => {
    await using owned = new AsyncDisposableStack()
    const relay = await mixedPool(owned, six)
    for (let at = 0; at < 3; at++) {
      const id = await send(relay, { to: [`user${at}@${domain}`] })
      const { attempt, source } = await outcomeOf(relay, id, 'delivered')
      assert.deepEqual([source, attempt], ['four', 1])
    }
  })
