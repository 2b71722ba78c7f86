// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of warm-ups. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { Store } from '../../src/records/store.ts'
import { type WarmUpRecord, warmUpStates } from '../../src/records/warm-up.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const record: WarmUpRecord = {
  source: 'out-1',
  provider: 'outlook',
  schedule: 'posthaste',
  state: 'advancing',
  allowance: 2_000,
  position: '{"stage":3}',
  decisions: '[]',
  signals: '{"days":[]}',
  startedAt: instant(1_700_000_000_000),
  changedAt: instant(1_700_000_000_001),
}

export function warmUpConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of warm-ups`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
    })

    it('keeps one for each source and provider, and the last that was put', async () => {
      const { warmUps } = store
      const other = { ...record, provider: 'google', allowance: null, state: 'warm' as const }
      await warmUps.put(record)
      await warmUps.put(other)
      await warmUps.put({ ...record, source: 'out-0', state: 'paused', allowance: 0 })
      const changed = { ...record, state: 'holding' as const, allowance: 500, signals: '{}' }
      await warmUps.put(changed)
      await using again = await place.open()
      const all = await again.warmUps.list()
      assert.deepEqual(all.slice(1), [other, changed])
      assert.deepEqual(
        (await again.warmUps.allowances()).map(
          ({ allowance, provider, source, startedAt, state }) =>
            `${source} ${provider} ${state} ${allowance} ${startedAt}`,
        ),
        [
          'out-0 outlook paused 0 1700000000000',
          'out-1 google warm null 1700000000000',
          'out-1 outlook holding 500 1700000000000',
        ],
      )
      assert.equal(await warmUps.remove('out-1', 'google'), true)
      assert.equal(await warmUps.remove('out-1', 'google'), false)
      assert.equal((await again.warmUps.list()).length, 2)
    })

    it('knows every state, and no other', async () => {
      for (const state of warmUpStates) await store.warmUps.put({ ...record, state })
      await assert.rejects(store.warmUps.put({ ...record, state: 'tepid' as 'warm' }))
    })

    it('tells other processes of a change', async () => {
      await using other = await place.open()
      const before = await other.version()
      await store.warmUps.put(record)
      assert.notEqual(await other.version(), before)
    })
  })
}
