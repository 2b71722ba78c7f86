// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Keyring } from './keyring.ts'
import { NumberSeal } from './number-seal.ts'
import { SeededRandom } from './random.ts'

const random = new SeededRandom(1)
const keys = new Map([[1, random.bytes(32)]])
const seal = new NumberSeal(new Keyring(keys, random), 'audit')

describe('A sealed number', () => {
  it('is opened again, however it is written, and after the key was rotated', () => {
    const rotated = new NumberSeal(
      new Keyring(new Map([...keys, [2, random.bytes(32)]]), random),
      'audit',
    )
    for (const number of [0, 1, 4711, Number.MAX_SAFE_INTEGER]) {
      assert.equal(seal.open(seal.seal(number)), number)
      assert.equal(rotated.open(seal.seal(number).toLowerCase()), number)
    }
  })

  it('tells neither the number nor an order', () => {
    const sealed = Array.from({ length: 200 }, (_, number) => seal.seal(number))
    assert.equal(new Set(sealed).size, 200)
    assert.notDeepEqual(sealed.toSorted(), sealed)
    assert.ok(new Set(sealed.map((text) => text.slice(0, 4))).size > 190)
  })

  it('is of one purpose and one key file alone, and nothing else is one', () => {
    const other = new NumberSeal(new Keyring(keys, random), 'deliveries')
    const strange = new NumberSeal(new Keyring(new Map([[1, random.bytes(32)]]), random), 'audit')
    for (const text of [other.seal(7), strange.seal(7), '7', '', '0'.repeat(26), 'U'.repeat(26)])
      assert.equal(seal.open(text), null, text)
  })
})
