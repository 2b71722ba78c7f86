// SPDX-License-Identifier: Apache-2.0
/** Complaints and bounces as numbers: of the mail that they are about, by what it went by, of each tenant alone. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { until } from '../support/in-time.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send, sendBySmtp } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  const zone = running.use(await ZoneServer.start({ zone: 'client.example TXT "v=spf1 -all"' }))
  ;({ relay, sink } = await relayBeforeSink(running, {
    config: `${namesFrom(zone)}\n`,
    commands: [['tenant', 'add', 'other']],
  }))
})
after(() => running.disposeAsync())

interface Row {
  readonly name: string
  readonly delivered: number
  readonly bounced: number
  readonly complained: number
  readonly complaintRate: number
}

async function rows(by: string, tenant = 'default'): Promise<readonly Row[]> {
  const { body } = await relay.ask('GET', `/rates?by=${by}&tenant=${tenant}`)
  return body.items
}

async function causes(): Promise<readonly [string, number][]> {
  const { items } = (await relay.json('recover', 'list')) as {
    items: readonly { cause: string; recipients: number }[]
  }
  return items.map(({ cause, recipients }) => [cause, recipients])
}

test('A complaint and a bounce count with the mail that they are about', async () => {
  for (const to of ['ann@example.net', 'bob@example.net'])
    await outcomeOf(relay, await send(relay, { to: [to], stream: 'bulk' }), 'delivered')
  await outcomeOf(
    relay,
    await send(relay, { to: ['permfail@x.example'], stream: 'bulk' }),
    'bounced',
  )
  const path = sink.messages.find(
    ({ recipients }) => recipients[0] === 'ann@example.net',
  )?.reversePath
  const complaint = `From: <fbl@provider.example>\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <${path}>\r\n--b--\r\n`
  const mail = { mail: '<>', rcpt: ['<fbl@bounce.shop.example>'], content: complaint }
  assert.match(await sendBySmtp({ port: relay.portOf('inbound') }, mail), /^250 /)
  await until(
    async () => (await rows('stream'))[0]?.complained === 1,
    () => `no complaint is counted:\n${relay.log}`,
  )
  for (const [by, name] of [
    ['stream', 'bulk'],
    ['domain', 'shop.example'],
    ['provider', '(other)'],
  ] as const) {
    const [row] = await rows(by)
    const { name: found, delivered, bounced, complained, complaintRate } = row ?? {}
    assert.deepEqual([found, delivered, bounced, complained, complaintRate], [name, 2, 1, 1, 0.5])
  }
  assert.deepEqual(await rows('stream', 'other'), [])
  const metrics = await relay.metrics()
  assert.match(
    metrics,
    /posthaste_feedback_ratio\{what="complaints",by="stream",name="bulk",tenant="default"\} 0\.5\n/,
  )
  // Another view of the same events, which may come later.
  await until(
    async () => (await causes()).length > 0,
    () => `no cause is listed:\n${relay.log}`,
  )
  assert.deepEqual(await causes(), [['no-such-mailbox', 1]])
})
