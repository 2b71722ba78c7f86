// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of last uses. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { LastUse } from '../../src/records/credentials/last-use.ts'
import type { Store } from '../../src/records/store.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const use: LastUse = { id: 'ABCDEFGHJK', at: instant(1_800_000_000_000), address: '192.0.2.1' }

export function lastUseConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of last uses`, () => {
    let store: Store

    openForEach(newPlace, async (opened) => {
      store = opened
    })

    it('keeps the latest of each, whoever writes it when', async () => {
      const other = { ...use, id: 'BBBBBBBBBB', address: '2001:db8::1' }
      await store.lastUses.put([other, use])
      assert.deepEqual(await store.lastUses.list(), [use, other])
      const later = { ...use, at: instant(use.at + 60_000), address: '192.0.2.2' }
      await store.lastUses.put([later])
      await store.lastUses.put([use])
      assert.deepEqual(await store.lastUses.list(), [later, other])
      await store.lastUses.remove(use.id)
      assert.deepEqual(await store.lastUses.list(), [other])
    })
  })
}
