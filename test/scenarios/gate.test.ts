// SPDX-License-Identifier: Apache-2.0
/** The gate of a stream: what comes of mail that receivers would doubt, and what its submitter is told. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { OperationEvent, ReceivedEvent, RejectedEvent } from '../../src/events/event.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { formatReply } from '../../src/protocol/reply.ts'
import type { SendingDomain } from '../../src/records/records.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  ;({ relay } = await relayBeforeSink(running, {
    config: trustLoopback,
    domains: ['shop.example', 'new.example'],
    commands: [
      ['stream', 'add', 'strict', '--kind', 'transactional', '--gate', 'reject'],
      ['stream', 'add', 'letter', '--kind', 'bulk', '--gate', 'reject'],
      ['stream', 'add', 'open', '--kind', 'bulk', '--gate', 'off'],
    ],
  }))
  await relay.stop()
  await verify('shop.example')
  await relay.restart()
})

after(() => running.disposeAsync())

/** As a look into the DNS that finds everything leaves it. */
async function verify(name: string): Promise<void> {
  await using store = await openSqliteStore(join(relay.dataDir, 'store.sqlite'))
  const domain = (await store.domains.list()).find((one) => one.name === name)
  assert.ok(domain)
  const verified: SendingDomain = { ...domain, state: 'verified', stateReason: null, lacks: [] }
  await store.domains.put(verified)
}

async function submit(stream: string | null, from: string, fields = ''): Promise<string> {
  await using dialog = await openSession(relay)
  const named = stream === null ? '' : `X-Posthaste-Stream: ${stream}\r\n`
  const content = named + fields + messageText({ from })
  return await transact(dialog, { mail: `<${from}>`, rcpt: ['<ann@x.example>'], content })
}

const oneClick =
  'List-Unsubscribe: <https://shop.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n'

test('A stream that rejects takes what nobody would doubt', async () => {
  assert.match(await submit('strict', 'a@shop.example'), /^250 /)
  assert.match(await submit('letter', 'a@eu.shop.example', oneClick), /^250 /)
})

test('A stream that rejects says in one line which check failed and what to do', async () => {
  assert.match(
    await submit('strict', 'a@new.example'),
    /^550 5\.7\.1 Gate check "domain" failed: new\.example is not verified: publish .* \(also: dkim, return-path, dmarc\)/,
  )
  assert.match(await submit('letter', 'a@shop.example'), /^550 5\.7\.1 Gate check "one-click"/)
  const rejected = await relay.waitForEvent(
    (event) => event.type === 'message.rejected' && event.reply.text.includes('"one-click"'),
  )
  assert.equal(rejected.tenant, 'default')
})

test('Over HTTP it is 422 with a code of its own', async () => {
  const answer = await fetch(`${relay.api}/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${relay.adminKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      from: 'a@new.example',
      to: ['ann@x.example'],
      subject: 'Hello',
      text: 'Hello',
      stream: 'strict',
    }),
  })
  const problem = (await answer.json()) as { code: string; detail: string }
  assert.equal(answer.status, 422)
  assert.equal(problem.code, 'RLY_GATE')
  assert.match(problem.detail, /^550 5\.7\.1 Gate check "domain" failed: new\.example/)
  const rejected = await relay.waitForEvent<RejectedEvent>(
    (event): event is RejectedEvent =>
      event.type === 'message.rejected' && event.stream === 'strict',
  )
  const { peer, recipient, reply, reversePath, tenant } = rejected
  assert.deepEqual(
    { peer, recipient, reversePath, tenant, said: formatReply(reply) },
    {
      ...{ peer: '127.0.0.1', recipient: null, reversePath: 'a@new.example', tenant: 'default' },
      said: problem.detail,
    },
  )
})

test('A stream that warns takes the mail, marks it, and tells the operator once', async () => {
  for (let count = 0; count < 3; count++) assert.match(await submit(null, 'a@new.example'), /^250 /)
  const received = await relay.waitForEvent<ReceivedEvent>(
    (event): event is ReceivedEvent =>
      event.type === 'message.received' && event.warned !== undefined,
  )
  assert.deepEqual(received.warned, ['domain', 'dkim', 'return-path', 'dmarc'])
  const warned = await relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent => event.type === 'stream.warned',
  )
  assert.equal(warned.tenant, 'default')
  assert.match(warned.text, /stream transactional from new\.example would not pass/)
})

test('A stream whose gate is off takes it without a word', async () => {
  assert.match(await submit('open', 'a@new.example'), /^250 /)
  const received = await relay.waitForEvent<ReceivedEvent>(
    (event): event is ReceivedEvent => event.type === 'message.received' && event.stream === 'open',
  )
  assert.equal(received.warned, undefined)
})

test('No setting lets a domain pass that the account has not set up', async () => {
  assert.match(await submit('open', 'a@elsewhere.example'), /^550 5\.7\.1 From domain elsewhere/)
})

test('The gate is a setting of the stream, changed from one message to the next', async () => {
  await relay.json('stream', 'change', 'strict', '--gate', 'off')
  const { gate } = (await relay.json('stream', 'show', 'strict')) as { gate: string }
  assert.equal(gate, 'off')
  const { stderr, code } = await relay.cli('stream', 'change', 'strict', '--gate', 'refuse')
  assert.equal(code, 64)
  assert.match(stderr, /off, warn, hold, reject/)
})
