// SPDX-License-Identifier: Apache-2.0
/** For monitors: /healthz, /readyz and /metrics; and the control socket, which is for its owner alone. */
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '../support/in-time.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { polite } from '../support/polite-script.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'

const running = new AsyncDisposableStack()
let receiver: ScriptedReceiver
let relay: RunningRelay

before(async () => {
  const replies: Readonly<Record<string, string>> = {
    gone: '550 5.1.1 No such user',
    full: '452 4.2.2 Mailbox full',
  }
  receiver = running.use(
    await ScriptedReceiver.start(
      polite({ answer: (line) => replies[/^RCPT TO:<(\w+)@/.exec(line)?.[1] ?? ''] }),
    ),
  )
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: trustLoopback + routeTo(receiver.port),
    }),
  )
})

after(() => running.disposeAsync())

async function get(path: string): Promise<{ status: number; type: string; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${relay.operationsPort}${path}`)
  const type = answer.headers.get('content-type') ?? ''
  return { status: answer.status, type, text: await answer.text() }
}

/** Reads until the value has arrived: counters follow the event log. */
async function metricBecomes(series: string, value: number): Promise<void> {
  let last = ''
  const look = async () => {
    const { text } = await get('/metrics')
    last = text.split('\n').find((line) => line.startsWith(`${series} `)) ?? ''
    return last === `${series} ${value}`
  }
  await until(look, () => `expected ${series} ${value}, last seen: ${last}`)
}

test('A relay that runs is healthy and ready', async () => {
  const health = await get('/healthz')
  assert.equal(health.status, 200)
  assert.deepEqual(JSON.parse(health.text), { status: 'ok' })
  const ready = await get('/readyz')
  assert.equal(ready.status, 200)
  assert.deepEqual(JSON.parse(ready.text), { status: 'ready', why: 'taking mail' })
  assert.equal((await get('/elsewhere')).status, 404)
})

test('Metrics count what came in and what came of it', async () => {
  const to = ['ann@example.net', 'gone@example.net', 'full@example.net']
  const messageId = await send(relay, { to, stream: 'bulk' })
  for (const name of ['delivered', 'bounced', 'deferred'] as const)
    await outcomeOf(relay, messageId, name)
  await using session = await openSession(relay)
  assert.match(await session.say('MAIL FROM:<a@shop.example>'), /^250 /)
  const of = 'tenant="default",stream="bulk"'
  await metricBecomes(`posthaste_received_messages_total{${of}}`, 1)
  await metricBecomes(`posthaste_received_recipients_total{${of}}`, 3)
  for (const outcome of ['delivered', 'bounced', 'deferred'])
    await metricBecomes(`posthaste_outcomes_total{outcome="${outcome}",${of}}`, 1)
  await metricBecomes('posthaste_replies_total{outcome="bounced",code="550"}', 1)
  await metricBecomes('posthaste_delivery_seconds_count{stream="bulk"}', 1)
  await metricBecomes('posthaste_waiting_recipients', 1)
  await metricBecomes('posthaste_submission_sessions', 1)
  await metricBecomes('posthaste_spool_shedding', 0)
  const { type, text } = await get('/metrics')
  assert.match(type, /^text\/plain; version=0\.0\.4/)
  for (const [, name] of text.matchAll(/^# TYPE (\w+)/gm))
    assert.match(text, new RegExp(`^# HELP ${name} \\S`, 'm'))
})

test('Refused mail is counted by its code', async () => {
  await using session = await openSession(relay)
  for (const line of ['MAIL FROM:<a@foreign.example>', 'RCPT TO:<ann@example.net>'])
    assert.match(await session.say(line), /^250 /)
  assert.match(await session.say('DATA'), /^354 /)
  assert.match(await session.say('From: <a@foreign.example>\r\n\r\nx\r\n.'), /^550 5\.7\.1 /)
  await metricBecomes('posthaste_rejected_total{code="550"}', 1)
})

test('The control socket belongs to its user alone', () => {
  const { mode } = statSync(join(relay.dataDir, 'control.sock'))
  assert.equal(mode & 0o777, 0o600)
})
