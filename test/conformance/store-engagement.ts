// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of recipients' engagement. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Store } from '../../src/records/store.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const hash = (octet: number) => new Uint8Array(8).fill(octet)

export function engagementConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of engagement`, () => {
    let store: Store

    openForEach(newPlace, async (opened) => {
      store = opened
    })

    it('keeps the last day of each recipient, of each tenant by itself', async () => {
      const { engagement } = store
      await engagement.note([
        { tenant: 'shop', addressHash: hash(1), day: 100 },
        { tenant: 'shop', addressHash: hash(1), day: 90 },
        { tenant: 'shop', addressHash: hash(2), day: 50 },
        { tenant: 'club', addressHash: hash(2), day: 70 },
      ])
      await engagement.note([{ tenant: 'shop', addressHash: hash(1), day: 80 }])
      await engagement.note([{ tenant: 'shop', addressHash: hash(2), day: 60 }])
      await engagement.note([])
      const asked = [hash(2), hash(3), hash(1)]
      assert.deepEqual(await engagement.lastDays('shop', asked), [60, null, 100])
      assert.deepEqual(await engagement.lastDays('club', asked), [70, null, null])
    })

    it('forgets what is old, and the oldest, in steps', async () => {
      const { engagement } = store
      const all = [1, 2, 3, 4].map((octet) => hash(octet))
      await engagement.note(
        all.map((addressHash, at) => ({ tenant: 'shop', addressHash, day: 100 + at })),
      )
      assert.equal(await engagement.forget(102, 1), 1)
      assert.deepEqual(await engagement.lastDays('shop', all), [null, 101, 102, 103])
      assert.equal(await engagement.forget(101, 10), 0)
      assert.equal(await engagement.size(), 3)
      assert.equal(await engagement.forget(null, 2), 2)
      assert.deepEqual(await engagement.lastDays('shop', all), [null, null, null, 103])
    })

    it('is no change of the records', async () => {
      const before = await store.version()
      await store.engagement.note([{ tenant: 'shop', addressHash: hash(1), day: 1 }])
      assert.equal(await store.version(), before)
    })
  })
}
