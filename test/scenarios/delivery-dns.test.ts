// SPDX-License-Identifier: Apache-2.0
/** Where mail goes by DNS: hosts in order, past those that are down; what the DNS says for good, and what it cannot say now. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { type OutcomeName, outcomeOf } from '../support/outcomes.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const ZONE = `
two.example      MX 10 one.mx.example
two.example      MX 20 two.mx.example
half.example     MX 10 dead.mx.example
half.example     MX 20 two.mx.example
equal.example    MX 10 one.mx.example
equal.example    MX 10 two.mx.example
plain.example    A  127.0.0.2
six.example      AAAA ::1
null.example     MX 0 .
text.example     TXT "no mail here"
hollow.example   MX 10 hollow.mx.example
later.example    MX 10 one.mx.example
hollow.mx.example TXT "no address"
one.mx.example   A  127.0.0.1
two.mx.example   A  127.0.0.2
dead.mx.example  A  127.0.0.9
`

const running = new AsyncDisposableStack()
let zone: ZoneServer
let one: RunningSink
let relay: RunningRelay

before(async () => {
  zone = running.use(await ZoneServer.start({ zone: ZONE }))
  one = running.use(await startSink())
  running.use(await startSink({}, { port: one.port, address: '127.0.0.2' }))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      commands: [
        [
          'stream',
          'add',
          'quick',
          '--kind',
          'transactional',
          '--retry-after',
          '300ms',
          '--default',
        ],
      ],
      config: `${namesFrom(zone)}
[delivery]
port = ${one.port}
messages_per_connection = 1
[[source]]
name = "four"
address = "127.0.0.1"
`,
    }),
  )
})

after(() => running.disposeAsync())

async function outcomeTo<Name extends OutcomeName>(recipient: string, name: Name) {
  return await outcomeOf(relay, await send(relay, { to: [recipient] }), name)
}

test('The most preferred MX host gets the mail', async () => {
  for (let message = 0; message < 3; message++) {
    const { mx } = await outcomeTo('ann@two.example', 'delivered')
    assert.equal(mx, `one.mx.example[127.0.0.1]:${one.port}`)
  }
})

test('Where the first MX host refuses connections, the second gets the mail at the same attempt', async () => {
  const { mx, attempt } = await outcomeTo('ann@half.example', 'delivered')
  assert.equal(mx, `two.mx.example[127.0.0.2]:${one.port}`)
  assert.equal(attempt, 1)
})

test('MX hosts of equal preference share the mail', async () => {
  const hosts = new Set<string | null>()
  // 1 in 2²³ that a fair coin comes down on one side 24 times.
  for (let message = 0; message < 24 && hosts.size < 2; message++)
    hosts.add((await outcomeTo('ann@equal.example', 'delivered')).mx)
  assert.equal(hosts.size, 2)
})

test('A domain without MX records is its own host', async () => {
  const { mx } = await outcomeTo('ann@plain.example', 'delivered')
  assert.equal(mx, `plain.example[127.0.0.2]:${one.port}`)
})

for (const [domain, enhanced, words] of [
  ['null.example', '5.1.10', /null MX/],
  ['missing.example', '5.1.2', /does not exist/],
  ['text.example', '5.1.2', /neither MX nor address/],
  ['hollow.example', '5.4.4', /No mail host has an IPv4 address: hollow.mx.example/],
  ['six.example', '5.4.4', /No mail host has an IPv4 address: six.example/],
] as const)
  test(`Mail to ${domain} bounces at once with ${enhanced}`, async () => {
    const { reply, by, attempt } = await outcomeTo(`ann@${domain}`, 'bounced')
    assert.equal(reply.enhanced, enhanced)
    assert.match(reply.text, words)
    assert.equal(by, 'routing')
    assert.equal(attempt, 1)
  })

test('While the DNS fails mail is deferred, and delivered when the DNS is back', async () => {
  zone.misbehave('later.example', 'servfail')
  const { messageId, reply, mx } = await outcomeTo('ann@later.example', 'deferred')
  assert.equal(`${reply.code} ${reply.enhanced}`, '451 4.4.3')
  assert.equal(mx, null)
  zone.misbehave('later.example', null)
  const delivered = await outcomeOf(relay, messageId, 'delivered')
  assert.ok(delivered.attempt > 1)
})

test('A stranger cannot have mail sent to this machine by pointing an MX record or a literal at it', async () => {
  const [servers] = namesFrom(zone).split('refuse_networks')
  await using careful = await RunningRelay.start({
    domains: ['shop.example'],
    config: `${servers}[delivery]\nport = ${one.port}\n`,
  })
  for (const recipient of ['ann@plain.example', 'ann@[127.0.0.1]', 'ann@[IPv6:::1]']) {
    const id = await send(careful, { to: [recipient] })
    const { by, reply } = await outcomeOf(careful, id, 'bounced')
    assert.equal(`${by} ${reply.enhanced}`, 'routing 5.4.4', recipient)
  }
  const route = (await careful.json('explain', 'ann@plain.example')) as { problem: string }
  assert.match(route.problem, /plain\.example is at 127\.0\.0\.2, where no mail goes/)
})
