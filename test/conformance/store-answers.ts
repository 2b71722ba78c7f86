// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of what is written often and is no setting: how far views have read, and first answers. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { FirstAnswer } from '../../src/records/first-answer.ts'
import { noCounts } from '../../src/records/rate.ts'
import type { Store } from '../../src/records/store.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

export function answerConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of what is written often`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
    })

    it('adds up rates by day, subject and tenant', async () => {
      const { rates } = store
      const row = { tenant: 'acme', dimension: 'stream', name: 'news', ...noCounts } as const
      await rates.add([{ ...row, day: 10, delivered: 5 }])
      await rates.add([
        { ...row, day: 10, delivered: 3, complained: 1 },
        { ...row, day: 11, delivered: 1, bounced: 2, told: 1 },
        { ...row, day: 11, name: 'other', delivered: 9 },
        { ...row, day: 11, tenant: 'else', delivered: 7 },
        { ...row, day: 11, dimension: 'source', delivered: 4 },
      ])
      const own = { tenant: 'acme', dimension: 'stream' } as const
      const news = { ...row, delivered: 9, bounced: 2, complained: 1, told: 1 }
      const other = { ...row, name: 'other', delivered: 9 }
      assert.deepEqual(await rates.sums({ ...own, since: 10 }, 10), [news, other])
      assert.deepEqual(await rates.sums({ ...own, since: 10 }, 1), [news])
      assert.deepEqual(await rates.sums({ ...own, name: 'news', since: 11 }, 10), [
        { ...row, delivered: 1, bounced: 2, told: 1 },
      ])
      assert.equal((await rates.sums({ since: 10 }, 10)).length, 4)
      await rates.removeOlder(11)
      assert.deepEqual(await rates.sums({ ...own, name: 'news', since: 1 }, 10), [
        { ...row, delivered: 1, bounced: 2, told: 1 },
      ])
    })

    it('keeps the first answer to a request with a key, for each owner alone', async () => {
      const begun: FirstAnswer = {
        owner: 'key A',
        key: 'k',
        begunBy: 'worker 1',
        fingerprint: new Uint8Array(32).fill(1),
        sealedAnswer: null,
        createdAt: instant(5_000),
      }
      const { firstAnswers } = store
      assert.equal(await firstAnswers.begin(begun, instant(0)), null)
      assert.equal(await firstAnswers.begin({ ...begun, owner: 'key B' }, instant(0)), null)
      assert.deepEqual(await firstAnswers.begin(begun, instant(0)), begun)
      const sealedAnswer = Uint8Array.of(7, 8)
      await firstAnswers.finish('key A', 'k', sealedAnswer)
      await using other = await place.open()
      assert.deepEqual(await other.firstAnswers.begin(begun, instant(0)), {
        ...begun,
        sealedAnswer,
      })
      await firstAnswers.forget('key B', 'k')
      assert.equal(await firstAnswers.count(), 1)
      assert.equal(await firstAnswers.abandon(['worker 1']), 0, 'it is answered')
      const later = { ...begun, createdAt: instant(9_000) }
      assert.equal(await firstAnswers.begin(later, instant(6_000)), null, 'an old one is replaced')
      assert.equal(await firstAnswers.removeOlder(instant(9_000)), 0)
      assert.equal(await firstAnswers.removeOlder(instant(9_001)), 1)
    })

    it('knows what was begun by a process that has ended, until somebody goes on with it', async () => {
      const { firstAnswers } = store
      const begun: FirstAnswer = {
        ...{ owner: 'key A', key: 'one', fingerprint: Uint8Array.of(1), sealedAnswer: null },
        ...{ begunBy: 'worker 1', createdAt: instant(5_000) },
      }
      for (const [key, begunBy] of [
        ['one', 'worker 1'],
        ['two', 'worker 2'],
        ['three', 'worker 3'],
      ] as const)
        await firstAnswers.begin({ ...begun, key, begunBy }, instant(0))
      assert.equal(await firstAnswers.abandon(['worker 1', 'worker 3', 'worker 9']), 2)
      const by = async (key: string) =>
        (await firstAnswers.begin({ ...begun, key }, instant(0)))?.begunBy
      assert.deepEqual([await by('one'), await by('two'), await by('three')], ['', 'worker 2', ''])
      await firstAnswers.takeOver('key A', 'one', 'worker 2')
      assert.equal(await by('one'), 'worker 2')
    })

    it('keeps what replies have taught, and forgets what is over', async () => {
      const kept = Array.from({ length: 1_200 }, (_, at) => ({
        key: `path out-1 mx${String(at).padStart(4, '0')}`,
        text: '{}',
      }))
      await store.lessons.put(kept)
      const changed = { key: 'path out-1 mx0003', text: '{"words":"421 4.7.28"}' }
      await store.lessons.put([changed])
      await store.lessons.remove(kept.slice(4).map(({ key }) => key))
      await using other = await place.open()
      assert.deepEqual(await other.lessons.list(), [...kept.slice(0, 3), changed])
      await store.lessons.put([])
      await store.lessons.remove(kept.map(({ key }) => key))
      assert.deepEqual(await store.lessons.list(), [])
    })

    it('keeps how far views have read', async () => {
      assert.equal(await store.views.cursor('webhooks'), null)
      await store.views.put('webhooks', '1:1.7')
      await store.views.put('webhooks', '1:1.8')
      await using other = await place.open()
      assert.equal(await other.views.cursor('webhooks'), '1:1.8')
      assert.equal(await other.views.cursor('search'), null)
    })
  })
}
