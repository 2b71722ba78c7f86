// SPDX-License-Identifier: Apache-2.0
/** Receivers that are known by their addresses: domains with hosts of any name share what their provider is given, and others do not. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { QueueList } from '../../src/control/desk/mail-desk.ts'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const RULES = `[[provider]]
name = "edge"
mx_address = ["127.0.0.2/31"]
samples = ["127.0.0.3"]
provider_message_rate = "1/h"
tls = "none"

[[site]]
mx_address = ["127.0.0.3"]
messages_per_connection = 3
`

const ZONE = `
alpha.example MX 10 mx.alpha.example
mx.alpha.example A 127.0.0.2
beta.example MX 10 in.beta.example
in.beta.example A 127.0.0.3
half.example MX 10 mx.half.example
mx.half.example A 127.0.0.3
mx.half.example A 127.0.0.4
`

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  const { port } = running.use(await startSink({}, { address: '127.0.0.2' }))
  for (const address of ['127.0.0.3', '127.0.0.4'])
    running.use(await startSink({}, { port, address }))
  const zone = running.use(await ZoneServer.start({ zone: ZONE }))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${namesFrom(zone)}[delivery]\nport = ${port}\nshaping = "rules"\n`,
      files: { 'rules/own.toml': RULES },
    }),
  )
})

after(() => running.disposeAsync())

const explained = async (address: string) => (await relay.json('explain', address)) as Explanation

test('Two sites at the addresses of one provider share its rate, and a host that is in part elsewhere has none of it', async () => {
  await outcomeOf(relay, await send(relay, { to: ['ann@alpha.example'] }), 'delivered')
  await send(relay, { to: ['ben@beta.example'] })
  for (const to of ['cleo@half.example', 'dora@half.example'])
    await outcomeOf(relay, await send(relay, { to: [to] }), 'delivered')
  const { queues } = (await relay.json('queue', 'list')) as QueueList
  assert.equal(queues.length, 1)
  assert.match(queues[0]?.queue ?? '', /beta\.example$/)
  assert.match(
    queues[0]?.because ?? '',
    /^provider_message_rate 1\/h \(\S*own\.toml:5\), again at 20\d\d-/,
  )
})

test('explain says which provider that is, and of every limit the line of the rule', async () => {
  const { paths, tls, tlsFrom } = await explained('ann@beta.example')
  const [path] = paths
  assert.equal(path?.shaping.provider, 'edge')
  const placed = path?.shaping.limits.map(
    ({ name, value, origin }) => `${name} ${value} ${origin.replace(/^.*\//, '')}`,
  )
  assert.ok(placed?.includes('provider_message_rate 1/h own.toml:5'))
  assert.ok(placed?.includes('messages_per_connection 3 own.toml:10'))
  assert.equal(tls, 'none')
  assert.match(tlsFrom ?? '', /own\.toml:6$/)
  const half = await explained('cleo@half.example')
  assert.deepEqual([half.paths[0]?.shaping.provider, half.tls], [null, 'opportunistic'])
})

test('A reload that takes the range away lets go what waited for it', async () => {
  const waiting = await send(relay, { to: ['eve@beta.example'] })
  writeFileSync(join(relay.folder, 'rules/own.toml'), RULES.replace('127.0.0.2/31', '127.0.0.9'))
  relay.signal('SIGHUP')
  // Refused: its sample is elsewhere now. What was in force stays so.
  const { paths } = await explained('eve@beta.example')
  assert.equal(paths[0]?.shaping.provider, 'edge')
  writeFileSync(join(relay.folder, 'rules/own.toml'), RULES.slice(RULES.indexOf('[[site]]')))
  relay.signal('SIGHUP')
  await outcomeOf(relay, waiting, 'delivered')
  assert.equal((await explained('eve@beta.example')).paths[0]?.shaping.provider, null)
})
