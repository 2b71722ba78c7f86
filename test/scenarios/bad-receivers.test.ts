// SPDX-License-Identifier: Apache-2.0
/**
 * Receivers that hang, flood, close in the middle or answer nonsense, all at once: each costs a bounded wait and a deferral that
 * says why, and mail to others goes on meanwhile.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seconds } from '../../src/base/brand.ts'
import { clientTimeouts } from '../../src/base/limits/limits.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { type Script, type ScriptedPeer, ScriptedReceiver } from '../support/scripted-receiver.ts'

/** Of every step. */
const TIMEOUT = seconds(2)
/** No busy machine takes so long, and all that is unbounded does: the usual time-outs are minutes. */
const LATE = seconds(30)

const timeouts = Object.keys(clientTimeouts)
  .map((name) =>
    name.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  )
  .map((name) => `${name} = "${TIMEOUT}ms"\n`)
  .join('')

const silence: Script = async () => {}
const close: Script = async (peer) => peer.close()

/** By domain: what its receiver does, and what the deferral says. */
const troubles: Readonly<Record<string, readonly [script: Script, says: RegExp]>> = {
  'hangs-at-greeting': [silence, /^4\.4\.2 no answer to the greeting within 2\.0 s/],
  'hangs-at-ehlo': [politeUntil('EHLO', silence), /^4\.4\.2 no answer to EHLO within 2\.0 s/],
  'hangs-at-mail': [politeUntil('MAIL', silence), /^4\.4\.2 no answer to MAIL .*within 2\.0 s/],
  'hangs-at-rcpt': [politeUntil('RCPT', silence), /^4\.4\.2 no answer to RCPT .*within 2\.0 s/],
  'hangs-at-data': [politeUntil('DATA', silence), /^4\.4\.2 no answer to DATA within 2\.0 s/],
  'hangs-at-the-end': [politeUntil('DATA', taking), /^4\.4\.2 no answer to .* within 2\.0 s/],
  drips: [dripping, /^4\.\d\.\d /],
  floods: [politeUntil('RCPT', saying(`250 ${'x'.repeat(100_000)}`)), /^4\.5\.0 /],
  'floods-without-end': [flooding, /^4\.5\.0 /],
  'refuses-with-a-flood': [politeUntil('RCPT', saying(`550 ${'x'.repeat(100_000)}`)), /^4\.5\.0 /],
  'closes-at-greeting': [close, /^4\.4\.2 .*closed/],
  'closes-at-rcpt': [politeUntil('RCPT', close), /^4\.4\.2 .*closed/],
  'closes-in-content': [politeUntil('DATA', closing), /^4\.4\.2 .*(?:closed|broke)/],
  'answers-nonsense': [politeUntil('MAIL', saying('HTTP/1.1 400 Bad Request')), /^4\.5\.0 /],
  'greets-with-nonsense': [saying('SSH-2.0-OpenSSH_9.9'), /^4\.5\.0 /],
}

test('Receivers that do as they like defer their mail in time, and no other', async () => {
  await using owned = new AsyncDisposableStack()
  const sink = owned.use(await startSink())
  const routes = [routeTo(sink.port, 'good.example')]
  for (const [name, [script]] of Object.entries(troubles)) {
    const receiver = owned.use(await ScriptedReceiver.start(script))
    routes.push(routeTo(receiver.port, `${name}.example`))
  }
  const relay = owned.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `[delivery.timeouts]\n${timeouts}${routes.join('')}`,
    }),
  )
  const messages = await Promise.all(
    Object.entries(troubles).map(async ([name, [, says]]) => {
      const messageId = await send(relay, { to: [`ann@${name}.example`], text: 'x'.repeat(1e5) })
      return { name, says, messageId }
    }),
  )
  const good = await send(relay, { to: ['ann@good.example'] })
  const delivered = await outcomeOf(relay, good, 'delivered')
  for (const { name, says, messageId } of messages) {
    const deferred = await outcomeOf(relay, messageId, 'deferred')
    const { code, enhanced, text } = deferred.reply
    assert.match(`${enhanced} ${text}`, says, name)
    assert.ok(code >= 400 && code < 500, `${name}: ${code}`)
    assert.ok(text.length < 500, `${name}: ${text.length} characters`)
    const { connect, transmit } = deferred.delays
    assert.ok(connect + transmit < LATE, `${name}: ${connect} ms and ${transmit} ms`)
    if (name.startsWith('hangs')) assert.ok(deferred.at > delivered.at, name)
  }
  assert.equal(sink.messages.length, 1)
})

/** Keeps the rules until that command comes. */
function politeUntil(verb: string, script: Script): Script {
  return async (peer) => {
    peer.send('220 mx.example ESMTP\r\n')
    for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
      if (line.startsWith(verb)) return await script(peer)
      peer.send('250 Ok\r\n')
    }
  }
}

function saying(line: string): Script {
  return async (peer) => peer.send(`${line}\r\n`)
}

/** Takes the content and says nothing about it. */
async function taking(peer: ScriptedPeer): Promise<void> {
  peer.send('354 Go on\r\n')
  await peer.readUntil('\r\n.\r\n')
}

async function closing(peer: ScriptedPeer): Promise<void> {
  peer.send('354 Go on\r\n')
  await peer.readOctets(20_000)
  peer.reset()
}

/** A reply that never ends, a line each tenth of the time-out. */
async function dripping(peer: ScriptedPeer): Promise<void> {
  peer.send('220-Welcome\r\n')
  const timer = setInterval(() => peer.send('220-and welcome\r\n'), TIMEOUT / 10)
  await peer.gone()
  clearInterval(timer)
}

/** A greeting that never ends, as fast as it goes. */
async function flooding(peer: ScriptedPeer): Promise<void> {
  const timer = setInterval(() => peer.send('220-Welcome\r\n'.repeat(1_000)))
  await peer.gone()
  clearInterval(timer)
}
