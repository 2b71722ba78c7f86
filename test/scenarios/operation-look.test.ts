// SPDX-License-Identifier: Apache-2.0
/** What a person sees of a running relay: trace, tail, explain, queues; for reading and as JSON. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { Event } from '../../src/events/event.ts'
import { program } from '../support/command-line.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const ZONE = `
shop.test     MX 10 one.mx.test
shop.test     MX 20 two.mx.test
one.mx.test   A  127.0.0.1
null.test     MX 0 .
held.test     A  127.0.0.1
`

const running = new AsyncDisposableStack()
let zone: ZoneServer
let sink: RunningSink
let relay: RunningRelay

before(async () => {
  zone = running.use(await ZoneServer.start({ zone: ZONE }))
  sink = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${namesFrom(zone)}\n[delivery]\nport = ${sink.port}\n`,
    }),
  )
})

after(() => running.disposeAsync())

test('trace tells the life of a message with the conversation', async () => {
  const messageId = await send(relay, { to: ['ann@shop.test'] })
  await outcomeOf(relay, messageId, 'delivered')
  const { stdout } = await relay.cli('trace', messageId)
  const [received = '', delivered = '', facts = '', ...conversation] = stdout.split('\n')
  assert.match(received, new RegExp(`received +${messageId} from <orders@shop\\.example> to ann@`))
  assert.match(
    delivered,
    /delivered +\S+ ann@shop\.test 250 .*\(one\.mx\.test\[127\.0\.0\.1\]:\d+\)/,
  )
  assert.match(facts, /attempt 1 · source default · no TLS · before the queue/)
  assert.ok(
    conversation.some((line) => /C: MAIL FROM:<[0-9a-z]{60}@bounce\.shop\.example>/.test(line)),
  )
  assert.ok(conversation.some((line) => /S: 220 /.test(line)))
  const brief = await relay.cli('trace', messageId, '--brief')
  assert.equal(brief.stdout.trim().split('\n').length, 2)
  const { events } = (await relay.json('trace', messageId)) as { events: readonly Event[] }
  assert.deepEqual(
    events.map(({ type }) => type),
    ['message.received', 'message.delivered'],
  )
})

test('trace of a message that is not known says so', async () => {
  const unknown = await relay.cli('trace', '01ARZ3NDEKTSV4RRFFQ69G5FA0')
  assert.equal(unknown.code, 68)
  assert.match(
    unknown.stderr,
    /^posthaste: no events of message 01ARZ3NDEKTSV4RRFFQ69G5FA0 are kept/,
  )
  const nonsense = await relay.cli('trace', 'order-17')
  assert.equal(nonsense.code, 64)
  assert.match(nonsense.stderr, /^posthaste: "order-17" is not a message id: expected 26 letters/)
  const asJson = await relay.cli('trace', 'order-17', '--json')
  assert.equal(JSON.parse(asJson.stderr).error.code, 'RLY_USAGE')
})

test('tail shows the events that were asked for as they happen', async () => {
  const args = [
    'tail',
    '--type',
    'delivered',
    '--recipient',
    '*@shop.test',
    '--from-start',
    '--json',
  ]
  const tail = spawn(process.execPath, [program, ...args], { cwd: relay.folder })
  const lines = createInterface({ input: tail.stdout })[Symbol.asyncIterator]()
  const last = await send(relay, { to: ['tail@shop.test', 'unknown@shop.test'] })
  for (;;) {
    const line = await lines.next()
    assert.equal(line.done, false)
    const event = JSON.parse(line.value) as Event
    assert.equal(event.type, 'message.delivered')
    if ('messageId' in event && event.messageId === last) break
  }
  const ended = new Promise((resolve) => tail.once('exit', resolve))
  tail.kill('SIGINT')
  assert.equal(await ended, 0)
})

test('explain says how mail to an address would go', async () => {
  const { stdout } = await relay.cli('explain', 'Ann@Shop.TEST')
  assert.match(stdout, /site +\S*mx\.test/)
  assert.match(stdout, /10 +one\.mx\.test +127\.0\.0\.1/)
  assert.match(stdout, /20 +two\.mx\.test +no address/)
  assert.match(stdout, /default +connections +10 +built in/)
  assert.match(stdout, /default +messages_per_connection +100 +built in/)
  assert.match(stdout, /default +the system chooses +relay\.example\.com +open/)
  const explanation = (await relay.json('explain', 'ann@shop.test')) as Explanation
  assert.deepEqual(explanation.hosts, [
    { preference: 10, name: 'one.mx.test' },
    { preference: 20, name: 'two.mx.test' },
  ])
  assert.equal(explanation.problem, null)
  const none = (await relay.json('explain', 'ann@null.test')) as Explanation
  assert.match(none.problem ?? '', /^556 5\.1\.10 /)
  const wrong = await relay.cli('explain', 'no-address')
  assert.equal(wrong.code, 64)
})

test('queue list and queue show tell what waits, where and why', async () => {
  assert.match((await relay.cli('queue', 'list')).stdout, /^Nothing waits\./)
  await relay.json('queue', 'suspend', '*@held.test', '--reason', 'a look at it')
  const messageId = await send(relay, { to: ['ann@held.test'] })
  const list = await relay.cli('queue', 'list')
  assert.match(list.stdout, /^queue +waiting +ready +in flight +next due +waits for/)
  assert.match(list.stdout, /transactional:default@held\.test +1 +0 .*suspended/)
  const show = await relay.cli('queue', 'show', 'transactional:default@held.test')
  assert.match(show.stdout, new RegExp(`${messageId} +ann@held\\.test +0 `))
  const shown = await relay.json('queue', 'show', 'transactional:default@held.test')
  const { recipients } = shown as { recipients: readonly { recipient: string }[] }
  assert.equal(recipients[0]?.recipient, 'ann@held.test')
})

test('Every command that looks has its result as JSON', async () => {
  for (const command of [
    ['queue', 'list'],
    ['tenant', 'list'],
    ['domain', 'list'],
    ['credential', 'list'],
    ['stream', 'list'],
    ['tenant', 'show', 'default'],
    ['domain', 'show', 'shop.example'],
    ['stream', 'show', 'bulk'],
    ['config', 'check'],
    ['explain', 'ann@shop.test'],
    ['queue', 'suspend', '*@json.test', '--reason', 'none'],
    ['queue', 'resume', '*@json.test'],
    ['send', '--from', 'a@shop.example', '--to', 'b@shop.test', '--text', 'x'],
  ])
    assert.equal(typeof (await relay.json(...command)), 'object', command.join(' '))
})
