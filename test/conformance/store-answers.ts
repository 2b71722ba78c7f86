// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of what is written often and is no setting: how far views have read, and first answers. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import type { FirstAnswer } from '../../src/records/first-answer.ts'
import type { Store } from '../../src/records/store.ts'
import type { Place } from './store.ts'

export function answerConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of what is written often`, () => {
    let place: Place
    let store: Store

    beforeEach(async () => {
      place = await newPlace()
      store = await place.open()
    })

    afterEach(async () => {
      await store[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    })

    it('keeps the first answer to a request with a key, for each owner alone', async () => {
      const begun: FirstAnswer = {
        owner: 'key A',
        key: 'k',
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
      const later = { ...begun, createdAt: instant(9_000) }
      assert.equal(await firstAnswers.begin(later, instant(6_000)), null, 'an old one is replaced')
      assert.equal(await firstAnswers.removeOlder(instant(9_000)), 0)
      assert.equal(await firstAnswers.removeOlder(instant(9_001)), 1)
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
