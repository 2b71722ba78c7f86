// SPDX-License-Identifier: Apache-2.0
/** What waits of one credential or key: found, and taken back. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Event, OutcomeEvent } from '../../src/events/event.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'

const MESSAGES = 12
/** Whom the sink puts off, so that mail to it waits. */
const LATER = 'tempfail@example.net'

interface Made {
  readonly id: string
  readonly secret: string
}

const running = new AsyncDisposableStack()
let relay: RunningRelay
let stolen: Made
let own: Made
let key: Made
let rival: Made

before(async () => {
  ;({ relay } = await relayBeforeSink(running, {
    submission: 'clear_text_auth = "loopback"',
    commands: [
      ['stream', 'add', 'checked', '--kind', 'transactional', '--gate', 'hold'],
      ['tenant', 'add', 'rival'],
    ],
  }))
  const mine = ['--tenant', 'default']
  stolen = await made('credential', 'add', '--label', 'stolen', ...mine)
  own = await made('credential', 'add', '--label', 'own', ...mine)
  key = await made('key', 'add', '--label', 'app', ...mine)
  rival = await made('key', 'add', '--label', 'r', '--tenant', 'rival', '--scope', 'admin')
})

after(() => running.disposeAsync())

async function made(...command: readonly string[]): Promise<Made> {
  return (await relay.json(...command)) as Made
}

async function submit({ secret }: Made, to: string, stream = 'any'): Promise<void> {
  await using dialog = await openSession(relay)
  const identity = Buffer.from(`\0${stream}\0${secret}`).toString('base64')
  assert.match(await dialog.say(`AUTH PLAIN ${identity}`), /^235 /)
  const answer = await transact(dialog, {
    mail: '<orders@shop.example>',
    rcpt: [`<${to}>`],
    content: messageText(),
  })
  assert.match(answer, /^250 /)
}

/** Recipients of that credential that wait, by queue. */
async function waitingOf({ id }: Made): Promise<Record<string, number>> {
  const { queues } = (await relay.json('queue', 'list', '--credential', id)) as {
    queues: readonly { queue: string; waiting: number; ready: number }[]
  }
  return Object.fromEntries(queues.map(({ queue, waiting, ready }) => [queue, waiting + ready]))
}

async function untilEvents(type: Event['type'], count: number): Promise<readonly OutcomeEvent[]> {
  const seen: OutcomeEvent[] = []
  await relay.waitForEvent((event: Event) => {
    if (event.type === type) seen.push(event as OutcomeEvent)
    return seen.length === count
  })
  return seen
}

test('What waits of a credential is counted by queue, held or not, and nobody else’s', async () => {
  for (let at = 0; at < MESSAGES; at++) await submit(stolen, LATER)
  await submit(own, LATER)
  await submit(stolen, 'jane@example.org', 'checked')
  const sent = await relay.ask('POST', '/messages', key.secret, {
    from: { address: 'orders@shop.example' },
    to: [{ address: LATER }],
    subject: 'Your order',
    text: 'Thank you.',
  })
  assert.equal(sent.status, 202, JSON.stringify(sent.body))
  await untilEvents('message.deferred', MESSAGES + 2)
  assert.deepEqual(await waitingOf(stolen), {
    'transactional:default@example.net': MESSAGES,
    'checked:default@example.org': 1,
  })
  assert.deepEqual(await waitingOf(own), { 'transactional:default@example.net': 1 })
  assert.deepEqual(await waitingOf(key), { 'transactional:default@example.net': 1 })
})

test('Another tenant finds nothing of it, and takes nothing back', async () => {
  const listed = await relay.ask('GET', `/queues?credential=${stolen.id}`, rival.secret)
  assert.deepEqual(listed.body.items, [])
  const body = { credential: stolen.id }
  const cancelled = await relay.ask('POST', '/queues/cancel', rival.secret, body)
  assert.deepEqual(cancelled.body, { recipients: 0 })
})

test('What is taken back has its event and never leaves; the rest goes on', async () => {
  await relay.json('credential', 'disable', stolen.id)
  const answer = await relay.json('queue', 'cancel', '--credential', stolen.id)
  assert.deepEqual(answer, { recipients: MESSAGES + 1 })
  const events = await untilEvents('message.cancelled', MESSAGES + 1)
  assert.ok(events.every((event) => 'by' in event && event.by === 'the command line'))
  assert.deepEqual(await waitingOf(stolen), {})
  const attempts = relay.events.seen.filter(({ type }) => type === 'message.deferred').length
  await relay.json('queue', 'retry', '*')
  const tried = await untilEvents('message.deferred', attempts + 2)
  const ended = new Set(events.map(({ messageId }) => messageId))
  assert.ok(tried.slice(attempts).every(({ messageId }) => !ended.has(messageId)))
  assert.deepEqual(await waitingOf(own), { 'transactional:default@example.net': 1 })
})

test('Mail of a key is taken back by the id of the key, also after that was removed', async () => {
  await relay.json('key', 'remove', key.id)
  assert.deepEqual(await relay.json('queue', 'cancel', '--credential', key.id), { recipients: 1 })
})

test('When and from where credentials and keys were used last is known after the end of the relay', async () => {
  await relay.stop()
  for (const [what, { id }] of [
    ['credential', own],
    ['key', rival],
  ] as const) {
    const shown = (await relay.json(what, 'show', id)) as Record<string, string>
    assert.equal(shown['lastUsedFrom'], '127.0.0.1', what)
    assert.match(shown['lastUsedAt'] ?? '', /:00\.000Z$/)
  }
  const added = await made('key', 'add', '--label', 'new', '--tenant', 'default')
  const unused = (await relay.json('key', 'show', added.id)) as Record<string, unknown>
  assert.deepEqual([unused['lastUsedAt'], unused['lastUsedFrom']], [null, null])
})
