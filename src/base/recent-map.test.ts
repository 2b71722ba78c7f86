// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RecentMap } from './recent-map.ts'

describe('A map of what came lately', () => {
  it('has the latest half of its capacity, and never more than all of it', () => {
    const map = new RecentMap<number, string>(10)
    for (let key = 0; key < 1_000; key++) {
      map.set(key, `value ${key}`)
      for (let recent = Math.max(0, key - 4); recent <= key; recent++)
        assert.equal(map.get(recent), `value ${recent}`)
      assert.equal(map.get(key - 10), undefined)
    }
  })

  it('gives what was set last, also where that is null', () => {
    const map = new RecentMap<string, string | null>(4)
    for (const [key, value] of [
      ['a', 'old'],
      ['b', 'other'],
      ['a', null],
    ] as const)
      map.set(key, value)
    assert.equal(map.get('a'), null)
    assert.equal(map.get('b'), 'other')
  })

  it('makes what is not there, once', () => {
    const map = new RecentMap<string, number | null>(4)
    let made = 0
    const make = () => ++made
    assert.deepEqual(
      [map.ensure('a', make), map.ensure('a', make), map.ensure('b', make)],
      [1, 1, 2],
    )
    map.set('c', null)
    assert.equal(map.ensure('c', make), null)
  })
})
