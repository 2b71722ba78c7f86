// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of campaigns. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { Campaign } from '../../src/records/campaigns/campaign.ts'
import type { Slug } from '../../src/records/records.ts'
import type { Store } from '../../src/records/store.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const acme = 'acme' as Slug
const paused: Campaign = {
  tenant: acme,
  name: 'Spring, 50 % off',
  state: { kind: 'paused', by: 'ann', why: 'a wrong price', since: instant(4_000) },
  priority: 3,
  weight: 4,
  sendWindow: '09:00-17:00 Europe/Berlin mon-fri',
  pace: '500000/6 h',
  spreadBy: 'person',
  mark: { kind: 'high-rate', why: '12 complaints', since: instant(3_500) },
  createdAt: instant(3_000),
  changedAt: instant(4_000),
}

export function campaignConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of campaigns`, () => {
    let store: Store

    openForEach(newPlace, async (opened) => {
      store = opened
      await store.tenants.put({ id: acme, name: 'Acme', createdAt: instant(1_000) })
    })

    it('keeps one of each name, in each of its states, and removes it', async () => {
      const before = await store.version()
      await store.campaigns.put(paused)
      assert.notEqual(await store.version(), before)
      assert.deepEqual(await store.campaigns.list(), [paused])
      const running: Campaign = {
        ...paused,
        state: { kind: 'running' },
        priority: null,
        sendWindow: null,
        pace: null,
        spreadBy: 'mail',
        mark: null,
      }
      await store.campaigns.put(running)
      assert.deepEqual(await store.campaigns.list(), [running])
      const cancelled: Campaign = {
        ...paused,
        state: { kind: 'cancelled', by: 'bo', why: '', since: instant(5_000) },
      }
      await store.campaigns.put(cancelled)
      assert.deepEqual(await store.campaigns.list(), [cancelled])
      assert.equal(await store.campaigns.remove(acme, paused.name), true)
      assert.equal(await store.campaigns.remove(acme, paused.name), false)
    })

    it('tells tenants and names apart, and has none of a tenant that is gone', async () => {
      await assert.rejects(store.campaigns.put({ ...paused, tenant: 'beta' as Slug }), {
        code: 'RLY_RECORD_UNKNOWN',
      })
      await store.tenants.put({ id: 'beta' as Slug, name: 'Beta', createdAt: instant(1_000) })
      const others = [
        { ...paused, name: 'spring, 50 % off' },
        { ...paused, tenant: 'beta' as Slug },
      ]
      for (const each of [paused, ...others]) await store.campaigns.put(each)
      assert.deepEqual(await store.campaigns.list(), [paused, ...others])
      await store.tenants.remove(acme)
      assert.deepEqual(await store.campaigns.list(), [others[1]])
    })
  })
}
