// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of quotas and of what is counted against them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { Quota, QuotaUsage } from '../../src/records/quotas/quota.ts'
import type { Slug } from '../../src/records/records.ts'
import type { Store } from '../../src/records/store.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const acme = 'acme' as Slug
const daily: Quota = {
  tenant: acme,
  kind: 'stream',
  name: 'news',
  period: 'day',
  recipients: 10_000_000_000,
  whenOver: 'hold',
  createdAt: instant(3_000),
}

export function quotaConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of quotas`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
      await store.tenants.put({ id: acme, name: 'Acme', createdAt: instant(1_000) })
    })

    it('keeps one of each subject and period, and removes it', async () => {
      const hourly: Quota = { ...daily, period: 'hour', whenOver: 'reject' }
      await store.quotas.put(daily)
      await store.quotas.put(hourly)
      const before = await store.version()
      await store.quotas.put({ ...daily, recipients: 5 })
      assert.notEqual(await store.version(), before)
      assert.deepEqual(await store.quotas.list(), [{ ...daily, recipients: 5 }, hourly])
      assert.equal(await store.quotas.remove(daily), true)
      assert.equal(await store.quotas.remove(daily), false)
      assert.deepEqual(await store.quotas.list(), [hourly])
    })

    it('has none of a tenant that is not there, or is gone', async () => {
      await assert.rejects(store.quotas.put({ ...daily, tenant: 'beta' as Slug }), {
        code: 'RLY_RECORD_UNKNOWN',
      })
      await store.quotas.put(daily)
      await store.tenants.remove(acme)
      assert.deepEqual(await store.quotas.list(), [])
    })

    it('tells no process of counts that the records have changed', async () => {
      await using other = await place.open()
      await store.quotas.put(daily)
      const versions = async () => [await store.version(), await other.version()]
      const before = await versions()
      await store.transaction((inner) => inner.quotaUsage.add([usage(0, 1)]))
      await other.quotaUsage.removeOlder(instant(1))
      assert.deepEqual(await versions(), before)
    })

    it('sums up what several processes count, and says the sums', async () => {
      await using other = await place.open()
      const counts = (recipients: number): readonly QuotaUsage[] => [
        usage(86_400_000, recipients),
        usage(0, 1),
      ]
      const writers = Array.from({ length: 6 }, (_, at) => (at % 2 === 0 ? store : other))
      const seen: unknown[] = []
      for (const writer of writers) {
        const sums = await writer.transaction((inner) => inner.quotaUsage.add(counts(10)))
        seen.push(sums[0]?.recipients)
      }
      assert.deepEqual(seen, [10, 20, 30, 40, 50, 60])
      const kept = await store.quotaUsage.list(instant(1))
      assert.deepEqual(kept, [usage(86_400_000, 60)])
      assert.equal(await store.quotaUsage.removeOlder(instant(1)), 1)
      assert.equal((await store.quotaUsage.list(instant(0))).length, 1)
    })
  })
}

function usage(startedAt: number, recipients: number): QuotaUsage {
  const { tenant, kind, name, period } = daily
  return { tenant, kind, name, period, startedAt: instant(startedAt), recipients }
}
