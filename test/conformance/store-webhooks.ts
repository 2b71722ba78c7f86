// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of endpoints of webhooks. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, hours, instant, seconds } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import type { Slug } from '../../src/records/records.ts'
import type { Store } from '../../src/records/store.ts'
import { retrySchedules, usualStream } from '../../src/records/stream-defaults.ts'
import type { Webhook, WebhookId } from '../../src/records/webhooks/webhook.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const acme = { id: 'acme' as Slug, name: 'Acme', createdAt: instant(1_000) }
const bulk = usualStream(
  { tenant: acme.id, name: 'bulk' as Slug, kind: 'bulk' },
  retrySchedules,
  instant(2_000),
)
const plain: Webhook = {
  id: 'A' as WebhookId,
  tenant: acme.id,
  stream: null,
  url: 'https://example.com/hooks?of=“acme”',
  note: '',
  types: [],
  batchEvents: 1,
  batchWait: seconds(1),
  isPaused: false,
  sealedSecret: Uint8Array.of(1, 2, 3),
  sealedOldSecret: null,
  oldSecretEndsAt: null,
  createdAt: instant(3_000),
}
const full: Webhook = {
  ...plain,
  id: 'B' as WebhookId,
  stream: bulk.name,
  note: 'the “shop”',
  types: ['message.bounced', 'message.*'],
  batchEvents: 1_000,
  batchWait: hours(1),
  isPaused: true,
  sealedOldSecret: Uint8Array.of(0, 255),
  oldSecretEndsAt: instant(days(20_000)),
}

export function webhookConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of webhooks`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
      await store.tenants.put(acme)
      await store.streams.put(bulk)
    })

    it('keeps endpoints, and replaces them by their id', async () => {
      await store.webhooks.put(full)
      await store.webhooks.put(plain)
      await using other = await place.open()
      assert.deepEqual(await other.webhooks.list(), [plain, full])
      await store.webhooks.put({ ...full, isPaused: false, sealedOldSecret: null })
      assert.deepEqual(await other.webhooks.list(), [
        plain,
        { ...full, isPaused: false, sealedOldSecret: null },
      ])
      assert.equal(await store.webhooks.remove(full.id), true)
      assert.equal(await store.webhooks.remove(full.id), false)
    })

    it('lets other processes see that an endpoint has changed', async () => {
      await using other = await place.open()
      const before = await other.version()
      await store.webhooks.put(plain)
      assert.notEqual(await other.version(), before)
    })

    it('refuses endpoints of nobody, and keeps streams that endpoints tell of', async () => {
      await assert.rejects(
        store.webhooks.put({ ...full, stream: 'absent' as Slug }),
        code('RLY_RECORD_UNKNOWN'),
      )
      await assert.rejects(
        store.webhooks.put({ ...plain, tenant: 'beta' as Slug }),
        code('RLY_RECORD_UNKNOWN'),
      )
      await store.webhooks.put(full)
      await assert.rejects(store.streams.remove(acme.id, bulk.name), code('RLY_RECORD_IN_USE'))
      assert.equal(await store.tenants.remove(acme.id), true)
      assert.deepEqual(await store.webhooks.list(), [], 'endpoints go with their tenant')
    })
  })
}

function code(expected: string) {
  return (thrown: unknown) => thrown instanceof RelayError && thrown.code === expected
}
