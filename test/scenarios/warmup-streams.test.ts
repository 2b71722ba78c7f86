// SPDX-License-Identifier: Apache-2.0
/**
 * A cold source at three providers: at one it may send some, at one it is paused, one knows it. What finds no room goes as its stream says,
 * and the queue list says what binds and why.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { QueueList } from '../../src/control/desk/mail-desk.ts'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const PROVIDERS = ['alpha', 'beta', 'gamma']

const RULES = PROVIDERS.map(
  (name) =>
    `[[provider]]\nname = "${name}"\nmx_suffix = [".${name}.example"]\nsamples = ["mx.${name}.example"]\n`,
).join('')

const ZONE = PROVIDERS.map(
  (name, at) => `${name}.test MX 10 mx.${name}.example\nmx.${name}.example A 127.0.0.${41 + at}`,
).join('\n')

const SOURCES = [
  ['cold', '127.0.0.51'],
  ['spare', '127.0.0.52'],
]
  .map(
    ([name, address]) =>
      `[[source]]\nname = "${name}"\naddress = "${address}"\nehlo = "${name}.example.com"\n`,
  )
  .join('')

const POOLS = `[[pool]]
name = "default"
source = [{ name = "cold" }]
overflow = "help"
[[pool]]
name = "help"
source = [{ name = "spare" }]
`

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  const first = running.use(await startSink({}, { address: '127.0.0.41' }))
  for (const address of ['127.0.0.42', '127.0.0.43'])
    running.use(await startSink({}, { port: first.port, address }))
  const zone = running.use(await ZoneServer.start({ zone: ZONE }))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${namesFrom(zone)}${SOURCES}${POOLS}[delivery]\nport = ${first.port}\nshaping = "rules"\n`,
      files: { 'rules/own.toml': RULES },
      commands: [['stream', 'add', 'notes', '--kind', 'bulk', '--when-cold', 'wait']],
    }),
  )
  for (const provider of ['alpha', 'beta'])
    await relay.json('warmup', 'start', 'cold', provider, '--schedule', 'hyvor')
  await relay.json('warmup', 'pause', 'cold', 'beta', '--reason', 'a look at it')
  await isPaused('cold', 'ann@beta.test')
})

after(() => running.disposeAsync())

/** From which source mail of a stream was taken. */
async function sourceOf(stream: string, to: string): Promise<string> {
  const { source } = await outcomeOf(relay, await send(relay, { stream, to: [to] }), 'delivered')
  return source
}

/** Until the worker knows that `source` is paused there. */
async function isPaused(source: string, address: string): Promise<void> {
  for (let asked = 0; asked < 100; asked++) {
    const { paths } = (await relay.json('explain', address)) as Explanation
    const limits = paths.find((path) => path.source === source)?.shaping.limits ?? []
    if (limits.some(({ name, value }) => name === 'warm-up' && value === 'paused')) return
  }
  assert.fail(`${source} is not paused`)
}

async function whatWaits(domain: string): Promise<string> {
  for (let asked = 0; asked < 100; asked++) {
    const { queues } = (await relay.json('queue', 'list')) as QueueList
    const found = queues.find((queue) => queue.domain === domain)
    if (found !== undefined && !/connection|answer/.test(found.because)) return found.because
  }
  return assert.fail(`nothing waits for ${domain}`)
}

test('A provider that knows the source gets everything from it', async () => {
  for (const stream of ['bulk', 'transactional', 'notes'])
    assert.equal(await sourceOf(stream, `${stream}@gamma.test`), 'cold')
})

test('Bulk mail beyond the allowance goes from the overflow pool, and so do receipts', async () => {
  assert.equal(await sourceOf('bulk', 'ann@alpha.test'), 'cold')
  for (const stream of ['bulk', 'transactional'])
    assert.equal(await sourceOf(stream, `${stream}@alpha.test`), 'spare')
})

test('Mail of a stream that wants its own pool waits, and the queue list says what binds and why', async () => {
  for (const domain of ['alpha.test', 'beta.test'])
    await send(relay, { stream: 'notes', to: [`ben@${domain}`] })
  assert.match(
    await whatWaits('alpha.test'),
    /^warm-up 50\/d, again at 20\d\d-.*; its stream waits for its own pool$/,
  )
  assert.match(await whatWaits('beta.test'), /^warm-up paused, again at .*; its stream waits/)
})

test('Receipts never wait: they pass where nothing else has room', async () => {
  await relay.json('warmup', 'start', 'spare', 'alpha', '--schedule', 'hyvor')
  await relay.json('warmup', 'pause', 'spare', 'alpha', '--reason', 'both are cold')
  await isPaused('spare', 'ann@alpha.test')
  assert.equal(await sourceOf('transactional', 'cleo@alpha.test'), 'cold')
  await send(relay, { stream: 'bulk', to: ['dan@alpha.test'] })
  assert.match(await whatWaits('alpha.test'), /^warm-up/)
  const stream = (await relay.json('stream', 'change', 'notes', '--when-cold', 'pass')) as {
    whenCold: string
  }
  assert.equal(stream.whenCold, 'pass')
  await relay.waitForEvent(
    (event) =>
      event.type === 'message.delivered' &&
      event.recipient === 'ben@alpha.test' &&
      event.source === 'cold',
  )
})
