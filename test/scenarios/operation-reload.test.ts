// SPDX-License-Identifier: Apache-2.0
/** SIGHUP: a new configuration takes effect in place and as a whole, or not at all. */
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { until } from '../support/in-time.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const domains = ['shop.example']

function rewrite(relay: RunningRelay, change: (text: string) => string): void {
  writeFileSync(relay.configFile, change(readFileSync(relay.configFile, 'utf8')))
}

/** Sends the signal; resolves when the log has a line with `text` that was not there before. */
async function reload(relay: RunningRelay, text: string): Promise<void> {
  const before = relay.log.split(text).length
  relay.signal('SIGHUP')
  await until(
    () => relay.log.split(text).length > before,
    () => `expected "${text}":\n${relay.log}`,
  )
}

const IN_FORCE = 'the configuration was read again and is in force'
const REFUSED = 'the new configuration is wrong; nothing was changed'

test('Routes, trusted networks and certificate change in place, and an open session goes on', async () => {
  await using first = await startSink()
  await using second = await startSink()
  await using relay = await RunningRelay.start({
    domains,
    config: trustLoopback + routeTo(first.port),
  })
  await outcomeOf(relay, await send(relay, { to: ['ann@example.net'] }), 'delivered')
  await using session = await openSession(relay)
  assert.match(await session.say('MAIL FROM:<a@shop.example>'), /^250 /)
  assert.match(await session.say('RCPT TO:<cy@example.net>'), /^250 /)
  rewrite(relay, (text) =>
    text.replace(trustLoopback, '').replace(`port = ${first.port}`, `port = ${second.port}`),
  )
  const certificate = await makeCertificate(
    { commonName: 'new.example.com' },
    new SystemClock(),
    new SystemRandom(),
  )
  writeFileSync(join(relay.folder, 'tls.crt'), certificate.cert)
  writeFileSync(join(relay.folder, 'tls.key'), certificate.key)
  await reload(relay, IN_FORCE)
  assert.equal(await certificateName(relay.port), 'new.example.com')
  await outcomeOf(relay, await send(relay, { to: ['bo@example.net'] }), 'delivered')
  assert.deepEqual([first.messages.length, second.messages.length], [1, 1])
  assert.match(await session.say('DATA'), /^354 /)
  assert.match(await session.say(`${messageText()}.`), /^250 /)
  await using stranger = await openSession(relay)
  assert.match(await stranger.say('MAIL FROM:<a@shop.example>'), /^530 5\.7\.0 /)
})

test('A wrong file changes nothing, and the log says what is wrong with it', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({ domains, config: routeTo(sink.port) })
  const good = `${relay.configFile}.good`
  copyFileSync(relay.configFile, good)
  for (const [change, why] of [
    [(text: string) => `${text}\nrouet = 1\n`, /rouet/],
    [
      (text: string) => text.replace(`port = ${sink.port}`, 'port = 70000'),
      /posthaste\.toml.*port/,
    ],
    [(text: string) => text.replace('tls.crt', 'missing.crt'), /missing\.crt/],
  ] as const) {
    rewrite(relay, change)
    await reload(relay, REFUSED)
    const line = relay.log.split('\n').findLast((text) => text.includes(REFUSED)) ?? ''
    assert.match(JSON.parse(line).error, why)
    copyFileSync(good, relay.configFile)
    await outcomeOf(relay, await send(relay, { to: ['ann@example.net'] }), 'delivered')
  }
})

test('What only a restart can change is named', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({ domains, config: routeTo(sink.port) })
  rewrite(relay, (text) => text.replace('"relay.example.com"', '"other.example.com"'))
  await reload(relay, 'these keys need a restart')
  assert.match(relay.log, /"needRestart":\["hostname","node_name"/)
})

/** The common name that STARTTLS shows. */
async function certificateName(port: number): Promise<string> {
  await using dialog = await SmtpDialog.open(port)
  await dialog.reply()
  await dialog.say('EHLO client.example')
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  return await dialog.peerName()
}
