// SPDX-License-Identifier: Apache-2.0
/** A tenant whose domains nobody answers for: other tenants' new domains are found meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dnsLimits } from '../../src/base/limits/limits.ts'
import { type Misbehaviour, ZoneServer } from '../../src/dns/zone-server.ts'
import { namesFrom, trustLoopback } from '../support/relay-config.ts'
import { openSession, send, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

/** More than may be looked up at once. */
const DEAD = dnsLimits.unanswered + 500
const HEALTHY = 20

test('Thousands of dead domains of one tenant hold up no other tenant', async () => {
  const dead = Array.from({ length: DEAD }, (_, at) => `dead${at}.example`)
  const healthy = Array.from({ length: HEALTHY }, (_, at) => `healthy${at}.example`)
  await using sink = await startSink()
  const allAsked = Promise.withResolvers<void>()
  let asked = 0
  await using zone = await ZoneServer.start({
    zone: healthy.map((name) => `${name} A 127.0.0.1`).join('\n'),
    misbehaviour: Object.fromEntries(dead.map((name) => [name, 'drop' satisfies Misbehaviour])),
    onQuestion: ({ name }) => {
      if (name.startsWith('dead') && ++asked === dnsLimits.inFlight) allAsked.resolve()
    },
  })
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    commands: [
      ['tenant', 'add', 'other'],
      ['domain', 'add', 'other.example', '--tenant', 'other'],
    ],
    config: `${trustLoopback}${namesFrom(zone)}[delivery]\nport = ${sink.port}\n`,
  })
  const session = await openSession(relay)
  for (let at = 0; at < DEAD; at += 500)
    await transact(session, {
      mail: '<>',
      rcpt: dead.slice(at, at + 500).map((name) => `<jane@${name}>`),
    })
  await allAsked.promise
  const from = 'orders@other.example'
  for (const name of healthy) await send(relay, { tenant: 'other', from, to: [`ann@${name}`] })
  let delivered = 0
  for await (const event of relay.events) {
    assert.notEqual(event.type, 'message.deferred', 'no dead domain has been given up yet')
    if (event.type === 'message.delivered' && ++delivered === HEALTHY) break
  }
})
