// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of sources. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { SourceRecord } from '../../src/records/source.ts'
import type { Store } from '../../src/records/store.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const record: SourceRecord = {
  name: 'out-2',
  address: '192.0.2.2',
  state: { kind: 'active' },
  changedAt: instant(1_700_000_000_000),
}

export function sourceConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of sources`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
    })

    it('keeps each with all that its state says, and the last that was put', async () => {
      const words = { reason: 'a list has it', by: 'anna' }
      const until = instant(1_800_000_000_000)
      const all: readonly SourceRecord[] = [
        { ...record, name: 'out-1', address: null, state: { kind: 'draining', ...words } },
        { ...record, state: { kind: 'resting', until, ...words } },
        { ...record, name: 'out-3', state: { kind: 'resting', until: null, ...words } },
        { ...record, name: 'out-4', state: { kind: 'drained', ...words } },
        { ...record, name: 'out-5' },
      ]
      await store.sources.put(record)
      for (const each of all) await store.sources.put(each)
      await using again = await place.open()
      assert.deepEqual(await again.sources.list(), all)
    })

    it('keeps what was found of each, and the last that was put', async () => {
      const ok = { state: 'ok', why: null } as const
      const lists = [{ list: 'trap', state: 'listed', why: 'trap has it' }] as const
      const findings = { address: ok, reverse: ok, ehlo: ok, lists }
      const checkup = { name: 'out-1', checkedAt: record.changedAt, findings }
      await using other = await place.open()
      await store.sourceCheckups.put({ ...checkup, findings: { ...findings, lists: [] } })
      await store.sourceCheckups.put(checkup)
      assert.deepEqual(await other.sourceCheckups.list(), [checkup])
    })

    it('tells other processes of a change', async () => {
      await using other = await place.open()
      const before = await other.version()
      await store.sources.put(record)
      assert.notEqual(await other.version(), before)
    })
  })
}
