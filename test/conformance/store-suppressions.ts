// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of suppressions. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { Slug, Tenant } from '../../src/records/records.ts'
import type { Store } from '../../src/records/store.ts'
import {
  type NewSuppression,
  type Suppression,
  type SuppressionId,
  wholeTenant,
} from '../../src/records/suppressions/suppression.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const acme: Tenant = { id: 'acme' as Slug, name: 'Acme', createdAt: instant(1) }
const beta: Tenant = { id: 'beta' as Slug, name: 'Beta', createdAt: instant(1) }

const ann: NewSuppression = {
  tenant: acme.id,
  addressHash: hashOf(1),
  address: 'ann@example.net',
  scope: wholeTenant,
  reason: 'bounce',
  sourceEvent: '0.17',
  importId: null,
  note: 'gone “for good”',
  createdAt: instant(1_000),
  expiresAt: null,
}
const bob: NewSuppression = {
  ...ann,
  addressHash: hashOf(2),
  address: 'bob@other.example',
  reason: 'unsubscribe',
  scope: { kind: 'stream', name: 'news' },
  sourceEvent: null,
  createdAt: instant(2_000),
}
const erased: NewSuppression = {
  ...ann,
  addressHash: hashOf(3),
  address: null,
  reason: 'complaint',
}

const FIRST_PAGE = { order: 'oldest', after: null, limit: 100 } as const

export function suppressionConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of suppressions`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
      await store.tenants.put(acme)
      await store.tenants.put(beta)
    })

    const all = () => store.suppressions.list({}, FIRST_PAGE)
    const names = async (selection: Parameters<Store['suppressions']['list']>[0]) =>
      (await store.suppressions.list(selection, FIRST_PAGE)).map(({ address }) => address)

    it('gives back what was added, also to another process, and to the address alone', async () => {
      assert.deepEqual(await store.suppressions.add([ann, bob, erased]), { added: 3, known: 0 })
      await using other = await place.open()
      for (const reader of [store, other]) {
        const [found] = await reader.suppressions.of(acme.id, hashOf(1))
        assert.deepEqual(found, { ...ann, id: found?.id })
        assert.deepEqual(await reader.suppressions.of(null, hashOf(1)), [found])
        assert.deepEqual(await reader.suppressions.of(beta.id, hashOf(1)), [])
        assert.deepEqual(await reader.suppressions.of(acme.id, hashOf(9)), [])
      }
    })

    it('keeps one of each address, scope and reason: the one that lasts longest', async () => {
      const short = { ...ann, expiresAt: instant(5_000) }
      const longer = { ...ann, expiresAt: instant(9_000), sourceEvent: '0.18' }
      await store.suppressions.add([short])
      assert.deepEqual(await store.suppressions.add([longer, bob]), { added: 1, known: 1 })
      assert.deepEqual(await store.suppressions.add([short]), { added: 0, known: 1 })
      const [kept] = await store.suppressions.of(acme.id, hashOf(1))
      assert.deepEqual([kept?.expiresAt, kept?.sourceEvent], [9_000, '0.18'])
      await store.suppressions.add([ann])
      await store.suppressions.add([longer])
      assert.equal((await store.suppressions.of(acme.id, hashOf(1)))[0]?.expiresAt, null)
      const others = [
        { ...ann, reason: 'manual' as const },
        { ...ann, scope: bob.scope },
      ]
      assert.deepEqual(await store.suppressions.add(others), { added: 2, known: 0 })
      assert.equal((await store.suppressions.of(acme.id, hashOf(1))).length, 3)
    })

    it('lists page by page, in the order of additions', async () => {
      await store.suppressions.add([bob])
      await store.suppressions.add([ann])
      for (const [order, expected] of [
        ['oldest', [bob.address, ann.address]],
        ['newest', [ann.address, bob.address]],
      ] as const) {
        const first = await store.suppressions.list({}, { order, after: null, limit: 1 })
        const second = await store.suppressions.list({}, after(first))
        const third = await store.suppressions.list({}, after(second))
        assert.deepEqual(
          [...first, ...second, ...third].map(({ address }) => address),
          expected,
        )
        function after(page: readonly Suppression[]) {
          return { order, after: page[0]?.id ?? null, limit: 1 }
        }
      }
    })

    it('changes the note and the end of an entry, and nothing else', async () => {
      await store.suppressions.add([ann, bob])
      const [first, second] = await all()
      assert.ok(first && second)
      const changed = { note: 'called us', expiresAt: instant(9_000) }
      assert.equal(await store.suppressions.change(first.id, changed), true)
      assert.deepEqual(await all(), [{ ...first, ...changed }, second])
      assert.equal(await store.suppressions.change(first.id, { note: '', expiresAt: null }), true)
      assert.deepEqual((await all())[0], { ...first, note: '', expiresAt: null })
      const gone = (second.id + 1) as SuppressionId
      assert.equal(await store.suppressions.change(gone, changed), false)
    })

    it('finds by everything that is asked for', async () => {
      const theirs = { ...ann, tenant: beta.id, address: 'ann@example.net', sourceEvent: null }
      const late = {
        ...ann,
        addressHash: hashOf(4),
        address: 'd@x_y.example',
        expiresAt: instant(7),
      }
      await store.suppressions.add([ann, bob, erased, theirs, late])
      assert.deepEqual(await names({ tenant: beta.id }), ['ann@example.net'])
      assert.deepEqual(await names({ tenant: acme.id, domain: 'example.net' }), ['ann@example.net'])
      assert.deepEqual(await names({ domain: 'x_y.example' }), ['d@x_y.example'])
      assert.deepEqual(await names({ domain: 'xzy.example' }), [], '"_" is no wildcard')
      assert.deepEqual(await names({ domain: 'net' }), [])
      assert.deepEqual(await names({ reasons: ['unsubscribe', 'complaint'] }), [bob.address, null])
      assert.deepEqual(await names({ scope: { kind: 'stream', name: 'news' } }), [bob.address])
      assert.deepEqual(await names({ sourceEvent: '0.17', reasons: ['complaint'] }), [null])
      assert.deepEqual(await names({ since: instant(2_000) }), [bob.address])
      assert.deepEqual(await names({ expiredBy: instant(7) }), ['d@x_y.example'])
      assert.equal(await store.suppressions.count({ tenant: acme.id }), 4)
    })

    it('removes what is meant, in steps', async () => {
      await store.suppressions.add([ann, bob, erased])
      assert.equal(await store.suppressions.remove({ sourceEvent: '0.17' }, 1), 1)
      assert.equal(await store.suppressions.remove({ sourceEvent: '0.17' }, 5), 1)
      assert.equal(await store.suppressions.remove({ sourceEvent: '0.17' }, 5), 0)
      assert.deepEqual(await names({}), [bob.address])
    })

    it('counts nothing of an import before it is finished', async () => {
      const started = { id: 'i1', tenant: acme.id, startedAt: instant(1), finishedAt: null }
      await store.suppressions.imports.put(started)
      await store.suppressions.add([{ ...ann, importId: 'i1' }])
      assert.deepEqual([await all(), await store.suppressions.of(acme.id, hashOf(1))], [[], []])
      assert.equal(await store.suppressions.count({}), 0)
      await store.suppressions.imports.put({ ...started, finishedAt: instant(2) })
      assert.equal((await store.suppressions.of(acme.id, hashOf(1))).length, 1)
      assert.deepEqual((await store.suppressions.imports.list()).length, 1)
    })

    it('takes an entry over from an import that never ended', async () => {
      const started = { id: 'i1', tenant: acme.id, startedAt: instant(1), finishedAt: null }
      await store.suppressions.imports.put(started)
      await store.suppressions.add([{ ...ann, importId: 'i1' }])
      await store.suppressions.add([ann])
      assert.equal(await store.suppressions.remove({ importId: 'i1' }, 10), 0)
      assert.equal((await store.suppressions.of(acme.id, hashOf(1))).length, 1)
      assert.equal(await store.suppressions.imports.remove('i1'), true)
    })

    it('gives hashes in the order of additions, for filters', async () => {
      assert.deepEqual(await store.suppressions.hashesAfter(null, 10), { hashes: [], last: null })
      assert.equal(await store.suppressions.size(), 0)
      await store.suppressions.add([ann, bob])
      const first = await store.suppressions.hashesAfter(null, 1)
      assert.deepEqual(first.hashes, [hashOf(1)])
      await using other = await place.open()
      await other.suppressions.add([erased])
      const rest = await store.suppressions.hashesAfter(first.last, 10)
      assert.deepEqual(rest.hashes, [hashOf(2), hashOf(3)])
      assert.deepEqual(await store.suppressions.hashesAfter(rest.last, 10), {
        hashes: [],
        last: rest.last,
      })
      assert.ok((await store.suppressions.size()) >= 3)
    })

    it('never gives an id again, so that nothing new hides before a reader', async () => {
      await store.suppressions.add([ann])
      const { last } = await store.suppressions.hashesAfter(null, 10)
      await store.suppressions.remove({}, 10)
      await store.suppressions.add([bob])
      assert.deepEqual((await store.suppressions.hashesAfter(last, 10)).hashes, [hashOf(2)])
    })

    it('shows ids to nobody before those that came first', async () => {
      await using other = await place.open()
      await Promise.all(
        Array.from({ length: 40 }, (_, at) =>
          (at % 2 === 0 ? store : other).suppressions.add([{ ...ann, addressHash: hashOf(at) }]),
        ),
      )
      let after: SuppressionId | null = null
      let seen = 0
      for (;;) {
        const { hashes, last }: Awaited<ReturnType<Store['suppressions']['hashesAfter']>> =
          await store.suppressions.hashesAfter(after, 7)
        seen += hashes.length
        if (hashes.length === 0) break
        after = last
      }
      assert.equal(seen, 40)
    })

    it('removes those of a tenant with it, and knows none of a tenant that is not there', async () => {
      await store.suppressions.add([ann])
      await store.tenants.remove(acme.id)
      assert.deepEqual(await all(), [])
      await assert.rejects(store.suppressions.add([ann]), { code: 'RLY_RECORD_UNKNOWN' })
    })

    it('does all of a transaction or nothing', async () => {
      const failing = store.transaction(async (inner) => {
        await inner.suppressions.add([ann])
        throw new Error('changed my mind')
      })
      await assert.rejects(failing, /changed my mind/)
      assert.deepEqual(await all(), [])
    })
  })
}

function hashOf(number: number): Uint8Array {
  return new Uint8Array(8).fill(number)
}
