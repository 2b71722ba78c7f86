// SPDX-License-Identifier: Apache-2.0
/** Mail that a gate holds: it goes nowhere, outlives every end, and people decide. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HeldAnswer } from '../../src/api/resources/held.ts'
import type { OutcomeEvent } from '../../src/events/event.ts'
import type { HeldEvent, ReleasedEvent } from '../../src/events/hold-events.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const RIVAL_KEY = ['key', 'add', '--label', 'r', '--tenant', 'rival', '--scope', 'admin'] as const
const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  ;({ sink, relay } = await relayBeforeSink(running, {
    config: trustLoopback,

    commands: [
      ['stream', 'change', 'transactional', '--gate', 'hold', '--tenant', 'default'],
      ['tenant', 'add', 'rival'],
    ],
  }))
})

after(() => running.disposeAsync())

/** Hands one in, and gives its id. */
async function submit(...to: readonly string[]): Promise<string> {
  await using dialog = await openSession(relay)
  const reply = await transact(dialog, {
    mail: '<orders@shop.example>',
    rcpt: to.map((one) => `<${one}>`),
    content: messageText(),
  })
  const id = /^250 .* queued as (\w+)/.exec(reply)?.[1]
  assert.ok(id, reply)
  return id
}

async function held(...options: readonly string[]): Promise<readonly HeldAnswer[]> {
  return (await relay.json('held', 'list', ...options)) as readonly HeldAnswer[]
}

test('Held mail is taken, listed with its reason, and nobody gets it, also after a kill', async () => {
  const ids: string[] = []
  for (let count = 0; count < 6; count++) ids.push(await submit(`a${count}@x.example`))
  const event = await relay.waitForEvent<HeldEvent>(
    (one): one is HeldEvent => one.type === 'message.held' && one.messageId === ids[0],
  )
  assert.equal(event.by, 'gate')
  assert.match(event.why, /^Gate check "domain" failed: shop\.example is not verified/)
  await relay.kill()
  await relay.restart()
  const all = await held()
  assert.deepEqual(
    all.map(({ id }) => id),
    ids.toSorted(),
  )
  assert.deepEqual(all[0]?.recipients, ['a0@x.example'])
  assert.equal(all[0].why, event.why)
  assert.equal(sink.messages.length, 0)
  await relay.json('queue', 'retry', '*')
  assert.equal((await held()).length, 6)
})

test('What is released is sent, and what is cancelled is not; both say by whom', async () => {
  const [first, second] = await held()
  assert.ok(first && second)
  assert.deepEqual(await relay.json('held', 'release', first.id), { recipients: 1 })
  assert.deepEqual(await relay.json('held', 'cancel', second.id), { recipients: 1 })
  await outcomeOf(relay, first.id, 'delivered')
  const released = await relay.waitForEvent<ReleasedEvent>(
    (event): event is ReleasedEvent =>
      event.type === 'message.released' && event.messageId === first.id,
  )
  assert.equal(released.by, 'local')
  await relay.waitForEvent(
    (event) => event.type === 'message.cancelled' && event.messageId === second.id,
  )
  assert.equal((await held()).length, 4)
  const { code, stderr } = await relay.cli('held', 'release', first.id)
  assert.equal(code, 68)
  assert.match(stderr, /no message .* is held here/)
})

test('The API pages through it, and shows another tenant nothing', async () => {
  const { secret } = (await relay.json(...RIVAL_KEY)) as {
    secret: string
  }
  const [one, other] = await held()
  assert.ok(one && other)
  const page = await relay.ask('GET', '/held?limit=1', relay.adminKey)
  assert.deepEqual(
    page.body.items.map(({ id }: HeldAnswer) => id),
    [one.id],
  )
  const next = await relay.ask(
    'GET',
    `/held?limit=1&cursor=${page.body.nextCursor}`,
    relay.adminKey,
  )
  assert.equal(next.body.items[0].id, other.id)
  assert.deepEqual((await relay.ask('GET', '/held', secret)).body.items, [])
  const crossed = await relay.ask('POST', '/held/release', secret, { message: one.id })
  assert.equal(crossed.status, 404)
  assert.deepEqual((await relay.ask('POST', '/held/cancel', secret, { all: true })).body, {
    recipients: 0,
  })
  const nothing = await relay.ask('POST', '/held/release', relay.adminKey, {})
  assert.equal(nothing.status, 400)
  assert.match(nothing.body.detail, /say which/)
})

test('All of a stream is decided about at once, recipient by recipient', async () => {
  const id = await submit('ann@x.example', 'bob@x.example', 'cy@y.example')
  const { recipients } = (await relay.json('held', 'release', '--stream', 'transactional')) as {
    recipients: number
  }
  assert.equal(recipients, 4 + 3)
  await relay.waitForEvent<OutcomeEvent>(
    (event): event is OutcomeEvent =>
      event.type === 'message.delivered' &&
      event.messageId === id &&
      event.recipient === 'cy@y.example',
  )
  assert.deepEqual(await held(), [])
})
