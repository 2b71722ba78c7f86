// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WebhookSender } from '../../control/webhooks/webhook-sender.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'
import { listedStateOf } from './webhook-fields.ts'

test('A list says of an endpoint that it is paused, or down as far as a relay knows', () => {
  for (const [isPaused, health, state] of [
    [false, 'up', 'on'],
    [false, 'down', 'down'],
    [false, null, 'on'],
    [true, 'down', 'paused'],
  ] as const) {
    const sender = { healthOf: () => health } as unknown as WebhookSender
    const webhook = { id: '7F1HBXWACE', isPaused } as unknown as Webhook
    assert.equal(listedStateOf(webhook, sender), state)
    assert.equal(listedStateOf(webhook, null), isPaused ? 'paused' : 'on')
  }
})
