// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { foldWords } from './fold-words.ts'

describe('Folded words', () => {
  it('fill lines, and are cut only where one is longer than a line', () => {
    assert.deepEqual(foldWords('', false), [''])
    assert.deepEqual(foldWords(' a  b\r\nc\u2028d ', false), ['a b c d'])
    assert.deepEqual(foldWords(`${'x'.repeat(71)} y`, false), ['x'.repeat(71), 'y'])
    assert.deepEqual(foldWords('x'.repeat(100), false), ['x'.repeat(72), 'x'.repeat(28)])
    assert.deepEqual(foldWords('café \u{1f600}', false), ['caf? ?'])
    assert.deepEqual(foldWords('café', true), ['café'])
  })

  it('are never too long and have no control characters, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.boolean(), (text, utf8) => {
        for (const line of foldWords(text, utf8)) {
          assert.ok(line.length <= 72)
          assert.match(line, utf8 ? /^[^\p{Cc}\u2028\u2029]*$/u : /^[\x20-\x7e]*$/)
        }
      }),
    )
  })
})
