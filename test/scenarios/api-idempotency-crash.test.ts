// SPDX-License-Identifier: Apache-2.0
/**
 * A relay that is killed after a message was safe on the disk, and before the answer was kept for its Idempotency-Key. What
 * keeps the answer from the records is a trigger in their file: the answer of then is never written.
 */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, it } from 'node:test'
import { storeFile } from '../../src/app/data-files.ts'
import type { Event, ReceivedEvent } from '../../src/events/event.ts'
import { routeTo } from '../support/relay-config.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

let running = new AsyncDisposableStack()
let relay: RunningRelay
let key: string

async function start(serve: readonly string[]): Promise<void> {
  const sink = running.use(await startSink())
  const config = routeTo(sink.port)
  relay = running.use(await RunningRelay.start({ config, domains: ['shop.example'], serve }))
  key = await relay.newKey('default', 'send', 'setup')
}

afterEach(async () => {
  await running.disposeAsync()
  running = new AsyncDisposableStack()
})

async function post(path: string, body: unknown, idempotencyKey: string) {
  const headers = { 'idempotency-key': idempotencyKey, connection: 'close' }
  return await relay.ask('POST', path, key, body, headers)
}

async function crash(serve?: readonly string[]): Promise<void> {
  await relay.kill()
  records('drop trigger lost')
  await relay.restart(serve)
}

function records(statement: string): void {
  const file = new DatabaseSync(storeFile(relay.dataDir))
  file.exec(statement)
  file.close()
}

/** From here on no answer is kept, nor is one forgotten. */
function loseAnswers(): void {
  records(`create trigger lost before update of sealed_answer on first_answers
    begin select raise(abort, 'the disk is gone'); end`)
}

const from = 'a@shop.example'
const letter = (to: string) => ({ from, to, subject: 'Hello', text: 'Hello.' })

/** Of all messages, once each of `expected` is there. */
async function receivedIds(expected: readonly string[]): Promise<readonly string[]> {
  for (const id of expected)
    await relay.waitForEvent((event) => isReceived(event) && event.messageId === id)
  return relay.events.seen.filter(isReceived).map(({ messageId }) => messageId)
}

function isReceived(event: Event): event is ReceivedEvent {
  return event.type === 'message.received'
}

describe('A request whose answer a crash has taken', () => {
  it('gets the id of its first message, which is sent once; of what is no mail nobody knows', async () => {
    await start([])
    await relay.json('suppression', 'add', 'no@example.net')
    loseAnswers()
    const first = await post('/messages', letter('once@example.net'), 'one')
    const other = { from, to: ['b@example.net', 'no@example.net'], subject: 'x', text: 'x' }
    const second = await post('/messages', other, 'two')
    const stream = await post('/streams', { name: 'extra', kind: 'bulk' }, 'stream')
    assert.deepEqual([first.status, second.status, stream.status], [202, 202, 201])
    await crash()
    const again = await post('/messages', letter('once@example.net'), 'one')
    assert.deepEqual([again.status, again.body], [202, first.body])
    assert.deepEqual((await post('/messages', letter('once@example.net'), 'one')).body, first.body)
    assert.deepEqual((await post('/messages', other, 'two')).body, second.body)
    assert.equal(second.body.suppressed.length, 1)
    const changed = await post('/messages', letter('else@example.net'), 'one')
    assert.deepEqual([changed.status, changed.body.code], [409, 'RLY_IDEMPOTENCY'])
    const unknown = await post('/streams', { name: 'extra', kind: 'bulk' }, 'stream')
    assert.equal(unknown.status, 409)
    assert.match(unknown.body.detail, /may have been carried out/)
    const last = await post('/messages', letter('last@example.net'), 'last')
    const all = [first.body.id, second.body.id, last.body.id]
    assert.deepEqual((await receivedIds(all)).toSorted(), all.toSorted())
  })

  it('is found whichever of several workers made it, and a batch goes on where it was', async () => {
    await start(['--workers', '2'])
    loseAnswers()
    const ids = new Map<string, string>()
    for (let at = 0; at < 6; at++) {
      const { body } = await post('/messages', letter(`w${at}@example.net`), `key-${at}`)
      ids.set(`w${at}`, body.id)
    }
    const messages = [
      letter('b0@example.net'),
      letter('b1@example.net'),
      { ...letter('b2@example.net'), stream: 'later' },
    ]
    const batch = await post('/messages/batch', { messages }, 'batch')
    const before = batch.body.results.map(({ id }: { id: string | null }) => id)
    assert.equal(before[2], null, 'its stream is not there yet')
    await crash(['--workers', '2'])
    await relay.json('stream', 'add', 'later', '--kind', 'bulk')
    for (const [name, id] of ids) {
      const { body } = await post(
        '/messages',
        letter(`${name}@example.net`),
        `key-${name.slice(1)}`,
      )
      assert.equal(body.id, id)
    }
    const after = (await post('/messages/batch', { messages }, 'batch')).body.results
    assert.deepEqual([after[0].id, after[1].id], [before[0], before[1]])
    assert.ok(after[2].id, 'what was not made then is made now')
    const all = [...ids.values(), ...after.map(({ id }: { id: string }) => id)]
    assert.deepEqual((await receivedIds(all)).toSorted(), all.toSorted())
  })
})
