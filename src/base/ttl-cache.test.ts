// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms } from './brand.ts'
import { ManualClock } from './manual-clock.ts'
import { SeededRandom } from './random.ts'
import { TtlCache } from './ttl-cache.ts'

test('a value is there until its time is up', () => {
  const clock = new ManualClock()
  const cache = new TtlCache<string>(clock, 10)
  cache.set('a', 'one', ms(1_000))
  cache.set('forever', 'two', ms(Number.POSITIVE_INFINITY))
  clock.advance(ms(999))
  assert.deepEqual(cache.get('a'), { value: 'one', left: 1 })
  clock.advance(ms(1))
  assert.equal(cache.get('a'), null)
  assert.equal(cache.get('forever')?.value, 'two')
  assert.equal(cache.size, 1)
})

test('a jump of the wall clock changes nothing', () => {
  const clock = new ManualClock()
  const cache = new TtlCache<string>(clock, 10)
  cache.set('a', 'one', ms(1_000))
  clock.jump(ms(86_400_000))
  assert.equal(cache.get('a')?.left, 1_000)
})

test('a full cache lets go of what was not used for longest', () => {
  const cache = new TtlCache<number>(new ManualClock(), 2)
  cache.set('a', 1, ms(1_000))
  cache.set('b', 2, ms(1_000))
  cache.get('a')
  cache.set('c', 3, ms(1_000))
  assert.deepEqual([cache.get('a')?.value, cache.get('b'), cache.get('c')?.value], [1, null, 3])
})

test('the order of use holds, whatever is asked, set and deleted', () => {
  const cache = new TtlCache<number>(new ManualClock(), 5)
  const random = new SeededRandom(1)
  let used: number[] = []
  for (let step = 0; step < 5_000; step++) {
    const key = Math.floor(random.fraction() * 9)
    const dice = random.fraction()
    const isThere = used.includes(key)
    used = used.filter((other) => other !== key)
    if (dice < 0.5) {
      assert.equal(cache.get(String(key))?.value, isThere ? key : undefined)
      if (isThere) used.push(key)
    } else if (dice < 0.9) {
      cache.set(String(key), key, ms(1_000))
      used = [...used, key].slice(-5)
    } else cache.delete(String(key))
    assert.equal(cache.size, used.length)
  }
})
