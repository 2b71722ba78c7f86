// SPDX-License-Identifier: Apache-2.0
/** A whole relay of several processes tells an endpoint of its mail. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptAnswer } from '../../src/api/resources/webhook-deliveries.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { verify, WebhookReceiver } from '../support/webhook-receiver.ts'

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
  assert.match(shown.stdout, new RegExp(`${done.webhookId}.*204`))
})
