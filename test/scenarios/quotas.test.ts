// SPDX-License-Identifier: Apache-2.0
/** Quotas: what is over them is refused for now or held, with a sentence; what was counted outlives a restart. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { QuotaAnswer } from '../../src/api/resources/quotas.ts'
import type { OperationEvent } from '../../src/events/event.ts'
import type { HeldEvent } from '../../src/events/hold-events.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  ;({ relay } = await relayBeforeSink(running, {
    config: trustLoopback,

    commands: [
      ['quota', 'set', '5', '--per', 'month'],
      ['quota', 'set', '2', '--per', 'month', '--stream', 'bulk', '--over', 'hold'],
    ],
  }))
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
  const { body, headers, status } = await relay.ask('POST', '/messages', relay.adminKey, {
    from: 'a@shop.example',
    to: ['ann@x.example'],
    subject: 'Hello',
    text: 'Hello',
  })
  assert.equal(status, 429)
  assert.equal(body.code, 'RLY_QUOTA')
  assert.ok(Number(headers.get('retry-after')) > 0)
})

test('A tenant sets quotas of its streams, and not its own', async () => {
  const secret = await relay.newKey('default', 'setup')
  const own = await relay.ask('POST', '/quotas', secret, {
    kind: 'tenant',
    period: 'month',
    recipients: 1_000,
  })
  assert.equal(own.status, 403)
  const quota = { kind: 'stream', name: 'bulk', period: 'hour', recipients: 7 }
  const ofStream = await relay.ask('POST', '/quotas', secret, quota)
  assert.equal(ofStream.status, 201)
  assert.equal(ofStream.body.id, 'stream.bulk.hour')
  const unknown = await relay.ask('POST', '/quotas', secret, { ...quota, name: 'bulky' })
  assert.equal(unknown.status, 404)
  await relay.json('quota', 'remove', 'tenant.default.month')
  // The records are read within a second, and the quotas of them a second later.
  let reply = ''
  while (!reply.startsWith('250 ')) reply = await submit('transactional', 'a')
})
