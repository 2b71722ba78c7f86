// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { BloomFilter } from './bloom-filter.ts'

const keyOf = (text: string | number): Uint8Array =>
  createHash('sha256').update(String(text)).digest().subarray(0, 8)

test('What was added is found, however much more was added than the filter is meant for', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 })), (keys) => {
      const filter = new BloomFilter(4)
      for (const key of keys) filter.add(key)
      return filter.size === keys.length && keys.every((key) => filter.mayHave(key))
    }),
  )
})

test('An empty filter has nothing', () => {
  assert.equal(new BloomFilter(1_000).mayHave(keyOf('a')), false)
})

test('Of what was never added, less than one in a hundred is taken for something that was', () => {
  const filter = new BloomFilter(20_000)
  for (let index = 0; index < 20_000; index++) filter.add(keyOf(index))
  let wrong = 0
  for (let index = 0; index < 20_000; index++) if (filter.mayHave(keyOf(`other ${index}`))) wrong++
  assert.ok(wrong < 200, `${wrong} of 20000`)
})
