// SPDX-License-Identifier: Apache-2.0
/** Quotas: what is over them is refused for now or held, with a sentence; what was counted outlives a restart. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { QuotaAnswer } from '../../src/api/resources/quotas.ts'
import type { OperationEvent } from '../../src/events/event.ts'
import type { HeldEvent } from '../../src/events/hold-events.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  sink = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({
      config: trustLoopback + routeTo(sink.port),
      domains: ['shop.example'],
      commands: [
        ['quota', 'set', '5', '--per', 'month'],
        ['quota', 'set', '2', '--per', 'month', '--stream', 'bulk', '--over', 'hold'],
      ],
    }),
  )
})

after(() => running.disposeAsync())

async function submit(stream: string, ...to: readonly string[]): Promise<string> {
  await using dialog = await openSession(relay)
  return await transact(dialog, {
    mail: '<orders@shop.example>',
    rcpt: to.map((one) => `<${one}@x.example>`),
    content: `X-Posthaste-Stream: ${stream}\r\n${messageText()}`,
  })
}

async function post(path: string, secret: string, body: unknown) {
  const answer = await fetch(relay.api + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  // biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
  return { answer, body: (await answer.json()) as any }
}

test('Mail over the quota of a stream that holds is taken and waits; the tenant’s own refuses for now', async () => {
  assert.match(await submit('bulk', 'a', 'b'), /^250 /)
  assert.match(await submit('bulk', 'c'), /^250 /)
  const held = await relay.waitForEvent<HeldEvent>(
    (event): event is HeldEvent => event.type === 'message.held',
  )
  assert.equal(held.by, 'quota')
  assert.match(held.why, /^The quota of stream bulk, 2 recipients a month, is used up until 2/)
  // All or nothing: four do not fit into the three that are left.
  assert.match(
    await submit('transactional', 'a', 'b', 'c', 'd'),
    /^452 4\.7\.1 The quota of tenant default, 5 recipients a month, is used up until .*; send it again then/,
  )
  assert.match(await submit('transactional', 'a', 'b', 'c'), /^250 /)
  const reached = await relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent => event.type === 'quota.reached',
  )
  assert.equal(reached.tenant, 'default')
})

test('At 80 % the operator hears of it, and the list shows what is used', async () => {
  const near = await relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent =>
      event.type === 'quota.near' && event.text.includes('tenant default'),
  )
  assert.match(near.text, /^80 % of the quota of tenant default, 5 recipients a month, are used up/)
  const all = (await relay.json('quota', 'list')) as readonly QuotaAnswer[]
  assert.deepEqual(
    all.map(({ id, used }) => [id, used]),
    [
      ['stream.bulk.month', 2],
      ['tenant.default.month', 5],
    ],
  )
})

test('After a restart it is used up still; over HTTP that is 429 with the time to wait', async () => {
  await relay.stop()
  await relay.restart()
  assert.match(await submit('transactional', 'a'), /^452 4\.7\.1 /)
  const { answer, body } = await post('/messages', relay.adminKey, {
    from: 'a@shop.example',
    to: ['ann@x.example'],
    subject: 'Hello',
    text: 'Hello',
  })
  assert.equal(answer.status, 429)
  assert.equal(body.code, 'RLY_QUOTA')
  assert.ok(Number(answer.headers.get('retry-after')) > 0)
})

test('A tenant sets quotas of its streams, and not its own', async () => {
  const { secret } = (await relay.json(
    ...['key', 'add', '--label', 'k', '--tenant', 'default', '--scope', 'setup'],
  )) as { secret: string }
  const own = await post('/quotas', secret, { kind: 'tenant', period: 'month', recipients: 1_000 })
  assert.equal(own.answer.status, 403)
  const quota = { kind: 'stream', name: 'bulk', period: 'hour', recipients: 7 }
  const ofStream = await post('/quotas', secret, quota)
  assert.equal(ofStream.answer.status, 201)
  assert.equal(ofStream.body.id, 'stream.bulk.hour')
  const unknown = await post('/quotas', secret, { ...quota, name: 'bulky' })
  assert.equal(unknown.answer.status, 404)
  await relay.json('quota', 'remove', 'tenant.default.month')
  // The records are read within a second, and the quotas of them a second later.
  let reply = ''
  while (!reply.startsWith('250 ')) reply = await submit('transactional', 'a')
})
