// SPDX-License-Identifier: Apache-2.0
/** The process that tells endpoints is killed while requests are on their way, and its successor goes on. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { ControlClient } from '../../src/api/control-client.ts'
import { controlSocketFile } from '../../src/app/data-files.ts'
import type { DeskStatus } from '../../src/control/desk/mail-desk.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { type Told, verify, WebhookReceiver } from '../support/webhook-receiver.ts'

const MESSAGES = 20
/** An answer takes so long, so that some are always on their way. */
const ANSWER_MS = 40

test('Nothing is lost, what is about one message stays in order, and what comes again has the same webhook-id', async () => {
  await using sink = await startSink({})
  await using receiver = await WebhookReceiver.start()
  await using relay = await RunningRelay.start({
    config: `${routeTo(sink.port)}\n${trustLoopback}\n[webhooks]\nallow_networks = ["127.0.0.0/8"]\n`,
    domains: ['shop.example'],
    serve: ['--workers', '2'],
  })
  const { secret } = (await relay.json(
    ...['webhook', 'add', receiver.url, '--types', 'message.*'],
  )) as { secret: string }
  receiver.answer = () => (response: ServerResponse) =>
    void setTimeout(() => response.writeHead(204).end(), ANSWER_MS)
  const control = new ControlClient(controlSocketFile(relay.dataDir))
  const { pid } = await control.get<DeskStatus>('/v1/status')
  assert.notEqual(pid, relay.pid)
  await using session = await openSession(relay)
  for (let count = 0; count < MESSAGES; count++)
    await transact(session, { mail: '<a@shop.example>', rcpt: [`<m${count}@example.net>`] })
  await receiver.until(({ told }) => told.length >= 5, 'the first requests')
  process.kill(pid, 'SIGKILL')
  await receiver.until(
    ({ told }) => new Set(told.flatMap(idsIn)).size >= 2 * MESSAGES,
    'all events of all messages',
  )
  const typesOf = new Map<string, string[]>()
  const requestOf = new Map<string, string>()
  for (const told of receiver.told) {
    verify(told, secret)
    for (const event of told.events) {
      assert.equal(requestOf.get(event.id) ?? told.id, told.id, 'one webhook-id for each event')
      if (requestOf.has(event.id)) continue
      requestOf.set(event.id, told.id)
      const message = 'messageId' in event ? String(event.messageId) : ''
      typesOf.set(message, [...(typesOf.get(message) ?? []), event.type])
    }
  }
  assert.deepEqual(
    [...typesOf.values()],
    Array.from({ length: MESSAGES }, () => ['message.received', 'message.delivered']),
  )
})

function idsIn({ events }: Told): readonly string[] {
  return events.map(({ id }) => id)
}
