// SPDX-License-Identifier: Apache-2.0
/** Queues over the API and by the command line against a remote relay: the same words, and only one's own. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { send } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'

const HELD = 'transactional:default@held.example'
const OTHER = 'transactional:other@held.example'

const running = new AsyncDisposableStack()
let relay: RunningRelay
/** Of the tenants `default` and `other`, with everything that a tenant's key may have. */
let key: string
let foreign: string

before(async () => {
  ;({ relay } = await relayBeforeSink(running, {
    commands: [['tenant', 'add', 'other']],
  }))
  key = await relay.newKey('default', 'admin')
  foreign = await relay.newKey('other', 'admin')
})

after(() => running.disposeAsync())

test('A queue is suspended, listed, shown, tried and resumed over the API', async () => {
  const pattern = '*:default@held.example'
  const suspended = await relay.ask('POST', '/queues/suspend', key, {
    queue: pattern,
    reason: 'a price',
  })
  assert.deepEqual([suspended.status, suspended.body], [200, { queue: pattern }])
  const held = await send(relay, { to: ['ann@held.example'] })
  const listed = await relay.ask('GET', '/queues?domain=HELD.example', key)
  const [row] = listed.body.items
  assert.deepEqual(
    [row.queue, row.waiting, row.isSuspended, row.because],
    [HELD, 1, true, 'suspended'],
  )
  const shown = await relay.ask('GET', `/queues/${encodeURIComponent(HELD)}`, key)
  assert.equal(shown.body.recipients[0].recipient, 'ann@held.example')
  const { items } = (await relay.ask('GET', '/suspensions', key)).body
  assert.deepEqual(
    items.map(({ queue, by, reason }: Record<string, string>) => [queue, by, reason]),
    [[pattern, 'the key app', 'a price']],
  )
  const retried = await relay.ask('POST', '/queues/retry', key, { queue: HELD })
  assert.deepEqual([retried.status, retried.body.recipients], [200, 1])
  assert.equal((await relay.ask('POST', '/queues/resume', key, { queue: pattern })).status, 200)
  await outcomeOf(relay, held, 'delivered')
})

test("Another tenant's queues are not there: each request of theirs is answered with 404", async () => {
  const held = `${HELD.replace('held', 'foreign')}`
  await relay.ask('POST', '/queues/suspend', key, { queue: held, reason: 'x' })
  const id = await send(relay, { to: ['ann@foreign.example'] })
  assert.deepEqual((await relay.ask('GET', '/queues', foreign)).body.items, [])
  assert.deepEqual((await relay.ask('GET', '/suspensions', foreign)).body.items, [])
  const reason = 'mine now'
  for (const queue of [held, '*', '*@foreign.example', 'transactional:*@*', `*:default@*:other@x`])
    for (const [path, body] of [
      ['/queues/suspend', { queue, reason }],
      ['/queues/resume', { queue }],
      ['/queues/retry', { queue }],
      ['/queues/bounce', { queue, reason }],
    ] as const) {
      const answer = await relay.ask('POST', path, foreign, body)
      assert.deepEqual([answer.status, answer.body.code], [404, 'RLY_QUEUE_UNKNOWN'], path + queue)
    }
  const shown = await relay.ask('GET', `/queues/${encodeURIComponent(held)}`, foreign)
  const missing = await relay.ask('GET', `/queues/${encodeURIComponent(OTHER)}`, foreign)
  assert.deepEqual([shown.status, missing.status], [404, 404])
  // Not even as a name that was perhaps meant.
  for (const { body } of [shown, missing]) assert.doesNotMatch(body.detail, /did you mean/)
  assert.equal((await relay.ask('GET', '/sites', foreign)).status, 403)
  const bounced = await relay.ask('POST', '/queues/bounce', key, { queue: held, reason: 'the end' })
  assert.equal(bounced.body.recipients, 1)
  await outcomeOf(relay, id, 'bounced')
})

test('A key that may only read or send changes no queue', async () => {
  const { body } = await relay.ask('POST', '/keys?tenant=default', relay.adminKey, {
    ...{ label: 'reader', scopes: ['read', 'send'] },
  })
  assert.equal((await relay.ask('GET', '/queues', body.secret)).status, 200)
  for (const path of ['/queues/suspend', '/queues/resume', '/queues/retry', '/queues/bounce'])
    assert.equal(
      (await relay.ask('POST', path, body.secret, { queue: HELD, reason: 'x' })).status,
      403,
    )
})

test('A tenant suspends no more queues than each message can be looked up among', async () => {
  for (let at = 0; at < 101; at++) {
    const queue = `c${at}:other@x.example`
    const { status } = await relay.ask('POST', '/queues/suspend', foreign, {
      queue,
      reason: 'many',
    })
    assert.equal(status, at < 100 ? 200 : 422)
  }
})

test('The command line says the same with a key, from elsewhere', async () => {
  const remote = async (...args: readonly string[]) => {
    const done = await relay.cli(...args, '--url', relay.api.replace('/api/v1', ''))
    assert.equal(done.code, 0, done.stderr)
    return JSON.parse(done.stdout)
  }
  process.env['POSTHASTE_KEY'] = key
  await remote('queue', 'suspend', '*:default@held.example', '--reason', 'remote', '--json')
  const id = await send(relay, { to: ['bo@held.example'] })
  const listed = await remote('queue', 'list', '--json')
  assert.deepEqual(
    listed.queues.map(({ queue, waiting }: Record<string, unknown>) => [queue, waiting]),
    [[HELD, 1]],
  )
  const shown = await remote('queue', 'show', HELD, '--json')
  assert.equal(shown.recipients[0].messageId, id)
  await remote('queue', 'resume', '*:default@held.example', '--json')
  await outcomeOf(relay, id, 'delivered')
})

test('A pattern that would be too much to match is refused at every edge, with a sentence', async () => {
  const stars = '*a'.repeat(40)
  for (const action of ['suspend', 'retry', 'bounce']) {
    const queue = `${stars}:default@held.example`
    const body = action === 'retry' ? { queue } : { queue, reason: 'any' }
    const answer = await relay.ask('POST', `/queues/${action}`, key, body)
    assert.equal(answer.status, 400)
    assert.match(JSON.stringify(answer.body), /has 40 wildcards \(\*\); use at most 10/)
  }
  const events = await relay.ask('GET', `/events?type=${'*'.repeat(40)}`, key)
  assert.equal(events.status, 400)
  assert.match(JSON.stringify(events.body), /has 40 wildcards/)
  const hook = await relay.ask('POST', '/webhooks', key, {
    url: 'https://example.com/hook',
    types: [`message.${'*'.repeat(30)}`],
  })
  assert.equal(hook.status, 400)
  assert.match(JSON.stringify(hook.body), /has 30 wildcards/)
  const { code, stderr } = await relay.cli('queue', 'retry', stars)
  assert.deepEqual([code, /has 40 wildcards/.test(stderr)], [64, true])
})
