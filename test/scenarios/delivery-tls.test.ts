// SPDX-License-Identifier: Apache-2.0
/** TLS towards receivers as the configuration asks for it, and what the events say of it. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Explanation } from '../../src/control/queues/explain.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { sinkCertificate } from '../support/sink-certificate.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'authorities-'))
  running.defer(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'ca.pem'), sinkCertificate.cert)
  const secure = running.use(await startSink({ certificate: sinkCertificate }))
  const bare = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${routeTo(secure.port)}${routeTo(bare.port, 'bare.example')}
[delivery]
tls = "require"
timeouts.connect = "20s"
tls_ca = "${join(folder, 'ca.pem')}"
[[site]]
domain = "sure.example"
tls = "verify"
[[site]]
domain = "*.partner.example"
tls = "verify"
tls_names = ["mx.partner.example"]
[[site]]
domain = "clear.example"
tls = "none"
`,
    }),
  )
})

after(() => running.disposeAsync())

test('The event says version, cipher, and that the certificate was good', async () => {
  const id = await send(relay, { to: ['ann@sure.example'] })
  const { tls, site } = await outcomeOf(relay, id, 'delivered')
  assert.deepEqual([tls?.version, tls?.verified], ['TLSv1.3', true])
  assert.match(tls?.cipher ?? '', /^TLS_/)
  assert.match(site, /^127\.0\.0\.1:\d+\+verify$/)
})

test('Mail that needs TLS waits for a receiver that has none, and says why', async () => {
  const id = await send(relay, { to: ['ann@bare.example'] })
  const { reply } = await outcomeOf(relay, id, 'deferred')
  assert.equal(reply.enhanced, '4.7.4')
  assert.equal(reply.text, 'TLS is required and the server does not offer it')
})

test('Mail waits where the certificate is for none of the names that were set up', async () => {
  const id = await send(relay, { to: ['ann@mail.partner.example'] })
  const { reply } = await outcomeOf(relay, id, 'deferred')
  assert.match(`${reply.enhanced} ${reply.text}`, /^4\.7\.5 .*it is for another name$/)
})

test('Where a site is to be called in the clear, STARTTLS is not said', async () => {
  const id = await send(relay, { to: ['ann@clear.example'] })
  const { conversation, tls } = await outcomeOf(relay, id, 'delivered')
  assert.equal(tls, null)
  assert.doesNotMatch(conversation.join('\n'), /C: STARTTLS/)
})

test('explain says the policy of the domain, and the time-outs that are set', async () => {
  const { paths, tls } = (await relay.json('explain', 'ann@sure.example')) as Explanation
  const connect = paths[0]?.timeouts.find(({ name }) => name === 'connect_timeout')
  assert.deepEqual([tls, connect?.value], ['verify', '20 s'])
  assert.match(connect?.origin ?? '', /posthaste\.toml:\d+$/)
})

test('A policy that is tightened counts at once, also where a connection of before is open', async () => {
  await using sink = await startSink({ certificate: sinkCertificate })
  await using lax = await RunningRelay.start({
    domains: ['shop.example'],
    config: `${routeTo(sink.port)}[delivery]\ntls = "none"\nidle = "10m"\n`,
  })
  const outcome = async () =>
    outcomeOf(lax, await send(lax, { to: ['ann@example.net'] }), 'delivered')
  assert.equal((await outcome()).tls, null)
  const text = readFileSync(lax.configFile, 'utf8')
  writeFileSync(lax.configFile, text.replace('tls = "none"', 'tls = "require"'))
  lax.signal('SIGHUP')
  // The signal is on its way: fewer messages than a connection carries.
  let tls = null
  for (let message = 0; message < 50 && tls === null; message++) tls = (await outcome()).tls
  assert.equal(tls?.version, 'TLSv1.3')
})
