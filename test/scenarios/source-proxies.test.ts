// SPDX-License-Identifier: Apache-2.0
/** Sources that go by proxies on other machines; one that is dead stops its source, and costs no message an attempt. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { SourceAnswer } from '../../src/api/resources/sources.ts'
import type { QueueList } from '../../src/control/desk/mail-desk.ts'
import type { Event } from '../../src/events/event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { RunningProxy, serveProxyLine, serveSocks } from '../support/proxies.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'
import { sinkCertificate } from '../support/sink-certificate.ts'

const running = new AsyncDisposableStack()
let sink: RunningSink
let socks: RunningProxy
let line: RunningProxy
let relay: RunningRelay
let port: number

before(async () => {
  sink = running.use(await startSink({ certificate: sinkCertificate }))
  socks = running.use(await RunningProxy.start(serveSocks))
  port = socks.port
  const folder = await mkdtemp(join(tmpdir(), 'posthaste-proxy-'))
  running.defer(() => rm(folder, { recursive: true }))
  const passwordFile = join(folder, 'proxy.password')
  await writeFile(passwordFile, 'sesame\n', { mode: 0o600 })
  line = running.use(await RunningProxy.start(serveProxyLine))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      commands: [['stream', 'add', 'other', '--kind', 'bulk', '--pool', 'spare']],
      config: `${routeTo(sink.port)}
[[source]]
name = "socks"
proxy = { protocol = "socks5", address = "127.0.0.1:${port}", user = "relay", password_file = "${passwordFile}" }
[[source]]
name = "line"
public_address = "192.0.2.25"
proxy = { protocol = "proxy-v1", address = "127.0.0.1:${line.port}" }
[[pool]]
name = "default"
source = [{ name = "socks" }]
[[pool]]
name = "spare"
source = [{ name = "line" }]
`,
    }),
  )
})

after(() => running.disposeAsync())

test('Mail goes by a SOCKS5 proxy that wants a login, with TLS through it', async () => {
  const id = await send(relay, { to: ['ann@example.net'] })
  const delivered = await outcomeOf(relay, id, 'delivered')
  assert.equal(delivered.source, 'socks')
  assert.equal(delivered.tls?.version, 'TLSv1.3')
  assert.deepEqual(socks.asked, ['relay to 127.0.0.1'])
})

test('A proxy that is told by a header is told from which address to call whom', async () => {
  const id = await send(relay, { to: ['ben@example.net'], stream: 'other' })
  const delivered = await outcomeOf(relay, id, 'delivered')
  assert.equal(delivered.source, 'line')
  assert.equal(line.asked[0], `PROXY TCP4 192.0.2.25 127.0.0.1 0 ${sink.port}`)
})

test('Mail by a proxy that is dead waits, untried, and goes once a probe was taken', async () => {
  await socks[Symbol.asyncDispose]()
  const id = await send(relay, { to: ['cy@example.net'] })
  const cut = await relay.waitForEvent((event: Event) => event.type === 'source.cut')
  assert.match('text' in cut ? cut.text : '', /^socks: its proxy 127.0.0.1:\d+ does not take us: /)
  const { cut: why, state } = (await relay.json('source', 'show', 'socks')) as SourceAnswer
  assert.match(why ?? '', /does not take us/)
  assert.equal(state, 'active', 'no person has stopped it')
  const { queues } = (await relay.json('queue', 'list')) as QueueList
  assert.match(queues[0]?.because ?? '', /^suspended by its proxy: its proxy 127.0.0.1/)
  socks = running.use(await RunningProxy.start(serveSocks, port))
  await relay.waitForEvent((event: Event) => event.type === 'source.through')
  const delivered = await outcomeOf(relay, id, 'delivered')
  assert.equal(delivered.attempt, 1, 'nobody was asked before')
  assert.deepEqual(socks.asked, ['relay to 127.0.0.1'], 'a probe names no target')
})
