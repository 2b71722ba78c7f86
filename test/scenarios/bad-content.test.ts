// SPDX-License-Identifier: Apache-2.0
/** Content in files of its own: refused mail leaves none open, a shortage defers, and damage waits for a person. */
import assert from 'node:assert/strict'
import {
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { HeldAnswer } from '../../src/api/resources/held.ts'
import type { DamagedEvent } from '../../src/events/hold-events.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

/** 300 KB: too large for a record. */
const LARGE = messageText({ text: `${'x'.repeat(73)}\r\n`.repeat(4_000) })
const REFUSED = 450
const SESSIONS = 6
const QUEUE = 'transactional:default@example.net'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  ;({ sink, relay } = await relayBeforeSink(running, {
    config: `${trustLoopback}[retry]\nsite_rest = ["100ms"]\n`,
  }))
})

after(() => running.disposeAsync())

async function submit(count: number, rcpt: readonly string[]): Promise<readonly string[]> {
  await using dialog = await openSession(relay)
  const ids: string[] = []
  for (let at = 0; at < count; at++) {
    const mail = { mail: '<orders@shop.example>', rcpt: rcpt.map((to) => `<${to}> NOTIFY=NEVER`) }
    const reply = await transact(dialog, { ...mail, content: LARGE })
    const id = /^250 .* queued as (\w+)/.exec(reply)?.[1]
    assert.ok(id, reply)
    ids.push(id)
  }
  return ids
}

test('450 refused messages of 300 KB leave no descriptor open', async () => {
  const before = openFiles()
  const shares = Array.from({ length: SESSIONS }, (_, at) =>
    submit(REFUSED / SESSIONS, [at % 2 === 0 ? 'permfail@example.net' : 'tempfail@example.net']),
  )
  const ids = new Set((await Promise.all(shares)).flat())
  assert.equal(ids.size, REFUSED)
  const refused = new Set<string>()
  await relay.waitForEvent((event) => {
    if (event.type === 'message.bounced' || event.type === 'message.deferred')
      if (ids.has(event.messageId)) refused.add(event.messageId)
    return refused.size === REFUSED
  })
  assert.ok(openFiles() < before + 30, `${before} descriptors before, ${openFiles()} after`)
})

test('Content that cannot be read now defers its recipients and tells the operator; it goes out when it can be read', async () => {
  await relay.json('queue', 'suspend', QUEUE, '--reason', 'test')
  const [id = ''] = await submit(1, ['ok@example.net', 'permfail@example.net'])
  const file = contentFile(id)
  renameSync(file, `${file}.aside`)
  // Opening a link to itself fails with ELOOP, also for root.
  symlinkSync(file, file)
  await relay.json('queue', 'resume', QUEUE)
  const deferred = await outcomeOf(relay, id, 'deferred', 'ok@example.net')
  assert.equal(deferred.reply.code, 451)
  assert.equal((await outcomeOf(relay, id, 'bounced', 'permfail@example.net')).reply.code, 550)
  await relay.waitForEvent((event) => event.type === 'spool.unreadable')
  unlinkSync(file)
  renameSync(`${file}.aside`, file)
  await relay.json('queue', 'retry', QUEUE)
  await outcomeOf(relay, id, 'delivered', 'ok@example.net')
})

test('Damaged content is held, through a kill, until a person restores and releases it', async () => {
  await relay.json('queue', 'suspend', QUEUE, '--reason', 'test')
  const [id = '', other = ''] = await submit(2, ['ok@example.net', 'permfail@example.net'])
  for (const one of [id, other]) flipByte(contentFile(one))
  const reportsBefore = sink.messages.filter(({ reversePath }) => reversePath === '').length
  await relay.json('queue', 'resume', QUEUE)
  for (const one of [id, other]) {
    const damaged = await relay.waitForEvent<DamagedEvent>(
      (event): event is DamagedEvent => event.type === 'message.damaged' && event.messageId === one,
    )
    assert.equal(damaged.recipient, 'ok@example.net')
    assert.equal((await outcomeOf(relay, one, 'bounced', 'permfail@example.net')).reply.code, 550)
  }
  await relay.kill()
  await relay.restart()
  const held = (await relay.json('held', 'list', '--by', 'damage')) as readonly HeldAnswer[]
  assert.deepEqual(
    held.map(({ id, recipients, until }) => ({ id, recipients, until })),
    [id, other].toSorted().map((one) => ({ id: one, recipients: ['ok@example.net'], until: null })),
  )
  const { stdout } = await relay.cli('queue', 'show', QUEUE)
  assert.match(stdout, /2 of these recipients are held .* until you decide/)
  assert.match(stdout, /checksum/)
  assert.equal(sink.messages.filter(({ reversePath }) => reversePath === '').length, reportsBefore)

  flipByte(contentFile(id))
  assert.deepEqual(await relay.json('held', 'release', id), { recipients: 1 })
  await outcomeOf(relay, id, 'delivered', 'ok@example.net')
  assert.deepEqual(await relay.json('held', 'cancel', other), { recipients: 1 })
  await relay.waitForEvent(
    (event) => event.type === 'message.cancelled' && event.messageId === other,
  )
})

function openFiles(): number {
  return readdirSync(`/proc/${relay.pid}/fd`).length
}

function contentFile(id: string): string {
  const found = readdirSync(relay.dataDir, { recursive: true }).find((name) =>
    String(name).endsWith(join('content', id)),
  )
  assert.ok(found !== undefined, `no content file of ${id}`)
  return join(relay.dataDir, String(found))
}

function flipByte(file: string): void {
  const bytes = readFileSync(file)
  bytes[150_000] = (bytes[150_000] ?? 0) ^ 1
  writeFileSync(file, bytes)
}
