// SPDX-License-Identifier: Apache-2.0
/** A whole relay of several processes tells an endpoint of its mail. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptAnswer } from '../../src/api/resources/webhook-deliveries.ts'
import { webhooksFile } from '../../src/app/data-files.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { SqliteWebhookLedger } from '../../src/platform/webhooks/sqlite-ledger.ts'
import type { WebhookId } from '../../src/records/webhooks/webhook.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { type Told, verify, WebhookReceiver } from '../support/webhook-receiver.ts'

test('A relay tells an endpoint what becomes of its mail', async () => {
  await using sink = await startSink({})
  await using receiver = await WebhookReceiver.start()
  await using relay = await RunningRelay.start({
    config: `${routeTo(sink.port)}\n${trustLoopback}\n[webhooks]\nallow_networks = ["127.0.0.0/8"]\n`,
    domains: ['shop.example'],
    serve: ['--workers', '2'],
  })
  const { id: webhook, secret } = (await relay.json(
    ...['webhook', 'add', receiver.url, '--types', 'message.*'],
  )) as { id: string; secret: string }
  const mail = { mail: '<orders@shop.example>', rcpt: ['<jane@example.net>'] }
  const id = /queued as (\w{26})/.exec(await sendBySmtp(relay, mail))?.[1]
  await receiver.until(({ events }) => events.length >= 2, 'both events')
  assert.deepEqual(
    receiver.events.map((event) => [event.type, 'messageId' in event && event.messageId]),
    [
      ['message.received', id],
      ['message.delivered', id],
    ],
  )
  for (const told of receiver.told) verify(told, secret)
  const done = (await relay.json('webhook', 'test', webhook)) as AttemptAnswer
  assert.equal(done.status, 204)
  await relay.json('webhook', 'replay', webhook, '--since', '2020-01-01T00:00:00Z')
  await receiver.until(({ told }) => told.length >= 5, 'both events again')
  assert.equal(new Set(receiver.events.slice(3).map((event) => event.id)).size, 2)
  const shown = await relay.cli('webhook', 'deliveries', webhook)
  assert.match(shown.stdout, new RegExp(`^[0-9A-Z]{26} .*${done.webhookId}.*204`, 'm'))
  const [delivery] =
    new RegExp(`^[0-9A-Z]{26}(?= .*${done.webhookId})`, 'm').exec(shown.stdout) ?? []
  const one = await relay.json('webhook', 'deliveries', webhook, delivery ?? '')
  assert.equal((one as AttemptAnswer).webhookId, done.webhookId)

  await relay.stop()
  const lost = keepDead(relay.dataDir, webhook as WebhookId)
  await relay.restart(['--workers', '2'])
  const dead = await relay.cli('webhook', 'dead', webhook)
  assert.match(dead.stdout, new RegExp(`${lost} +1 +12 +503`))
  const unknown = await relay.cli('webhook', 'replay', webhook, '--dead', '1')
  assert.match(unknown.stderr, /"1" is no dead letter: expected an id, as their list has it/)
  const before = receiver.told.filter(({ id }) => id === lost).length
  const again = await relay.cli('webhook', 'replay', webhook, '--dead')
  assert.equal(again.stdout, '1 dead letters are sent again.\n')
  const times = () => receiver.told.filter(({ id }) => id === lost).length
  await receiver.until(() => times() > before, 'the dead letter')

  const rotated = (await relay.json('webhook', 'rotate', webhook)) as { secret: string }
  await relay.json('webhook', 'test', webhook)
  const isSignedTwice = ({ headers }: Told) => headers['webhook-signature']?.split(' ').length === 2
  await receiver.until(({ told }) => told.some(isSignedTwice), 'a test after the rotation')
  const last = receiver.told.find(isSignedTwice)
  assert.ok(last)
  for (const known of [secret, rotated.secret]) verify(last, known)
  assert.equal((await relay.cli('webhook', 'dead', webhook)).stdout, 'No dead letter.\n')
})

/** As if what it was told first had not been taken for three days. Gives its webhook-id. */
function keepDead(dataDir: string, webhook: WebhookId): string {
  const clock = new SystemClock()
  using ledger = SqliteWebhookLedger.open(webhooksFile(dataDir), clock.now(), silentLog)
  const first = ledger.attempts(webhook, null, 100).findLast(({ events }) => events.length > 0)
  const [event] = first?.events ?? []
  if (first === undefined || event === undefined) throw new Error('nothing was told')
  const now = clock.now()
  const events = [{ ...event, message: null }]
  const { delivery: request } = first
  const delivery = { id: request, events, attempts: 12, firstAt: now, dueAt: now }
  const dead = [{ webhook, delivery, deadAt: now, why: '503' }]
  ledger.save({ places: [], attempts: [], dead, revived: [] })
  return request
}
