// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of how tenants stand in shared pools. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { Slug } from '../../src/records/records.ts'
import { noCounts, type StandingHour, type StandingRecord } from '../../src/records/standing.ts'
import type { Store } from '../../src/records/store.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const acme = 'acme' as Slug
const held: StandingRecord = {
  tenant: acme,
  pool: 'default',
  state: 'held',
  position: '{"pin":null}',
  decisions: '[]',
  changedAt: instant(3_000),
}

export function standingConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of standings`, () => {
    let store: Store

    openForEach(newPlace, async (opened) => {
      store = opened
      await store.tenants.put({ id: acme, name: 'Acme', createdAt: instant(1_000) })
    })

    it('keeps one of each tenant and pool, and says which of them have an effect', async () => {
      const before = await store.version()
      await store.standings.put({ ...held, state: 'good' })
      assert.notEqual(await store.version(), before)
      assert.deepEqual(await store.standings.effects(), [])
      await store.standings.put(held)
      const other: StandingRecord = { ...held, pool: 'other', state: 'quarantined' }
      await store.standings.put(other)
      assert.deepEqual(await store.standings.list(), [held, other])
      assert.deepEqual(await store.standings.find(other), other)
      assert.equal(await store.standings.find({ tenant: acme, pool: 'no' }), null)
      const effect = { tenant: acme, pool: 'default', state: 'held' } as const
      assert.deepEqual((await store.standings.effects())[0], effect)
    })

    it('has none of a tenant that is gone', async () => {
      await store.standings.put(held)
      await store.tenants.remove(acme)
      assert.deepEqual(await store.standings.list(), [])
      await assert.rejects(store.standings.put(held), { code: 'RLY_RECORD_UNKNOWN' })
    })

    it('adds what is counted to what is there, and forgets what is old', async () => {
      const row = (hour: number, more: Partial<StandingHour>): StandingHour => ({
        ...{ tenant: acme, pool: 'default', hour, ...noCounts },
        ...more,
      })
      await store.standingHours.add([row(7, { delivered: 2 }), row(8, { refused: 1 })])
      await store.standingHours.add([row(8, { unknown: 3, complained: 1, refused: 4 })])
      await store.standingHours.add([row(8, { pool: 'other', delivered: 9 })])
      const own = { tenant: acme, pool: 'default' }
      const sum = row(8, { refused: 5, unknown: 3, complained: 1 })
      assert.deepEqual(await store.standingHours.list(8, own), [sum])
      assert.equal((await store.standingHours.list(0, { pool: 'other' })).length, 1)
      assert.equal((await store.standingHours.list(0, {})).length, 3)
      await store.standingHours.removeOlder(8)
      assert.equal((await store.standingHours.list(0, {})).length, 2)
    })
  })
}
