// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from '../../events/event.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'
import { filterOf, skippedTypes } from './webhook-filter.ts'

test('A stored type that breaks the bounds selects nothing, and is named in a sentence', () => {
  const webhook = { id: 'one', tenant: 'shop', stream: null } as unknown as Webhook
  const delivered = { type: 'message.delivered', tenant: 'shop' } as unknown as Event
  const bad = `message.${'*'.repeat(30)}`
  assert.equal(filterOf({ ...webhook, types: [] })(delivered), true)
  assert.equal(filterOf({ ...webhook, types: [bad] })(delivered), false)
  assert.equal(filterOf({ ...webhook, types: [bad, 'message.*'] })(delivered), true)
  assert.deepEqual(skippedTypes({ ...webhook, types: [bad, 'message.*'] }).length, 1)
  assert.match(skippedTypes({ ...webhook, types: [bad] })[0] ?? '', /has 30 wildcards/)
})
