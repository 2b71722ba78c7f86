// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeXtext, encodeXtext } from './xtext.ts'

test('every text survives xtext', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(decodeXtext(encodeXtext(text)), text)
    }),
  )
})

test('xtext is printable and holds neither a space nor an equals sign', () => {
  assert.equal(encodeXtext('a+b=c d\r\né'), 'a+2Bb+3Dc+20d+0D+0A+C3+A9')
})

for (const encoded of ['a b', 'a=b', '+', '+2', '+2b', '+GG', '+FF', 'é'])
  test(`${encoded} is no xtext`, () => {
    assert.equal(decodeXtext(encoded), null)
  })
