// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentLimits } from '../../base/limits/limits.ts'
import { fieldValue, findHeaderEnd, parseHeaderSection } from './header-section.ts'

describe('A header section', () => {
  it('ends before the first blank line', () => {
    for (const [text, end] of [
      ['A: b\r\n\r\nbody', 6],
      ['\r\nbody', 0],
      ['A: b\r\n', -1],
      ['A: b\r\n\r', -1],
      ['A: b\n\nbody', -1],
      ['', -1],
    ] as const)
      assert.equal(findHeaderEnd(Buffer.from(text)), end, JSON.stringify(text))
  })

  it('is found in any pieces', () => {
    const whole = Buffer.from('A: b\r\nC: d\r\n\r\nbody\r\n\r\n')
    for (let cut = 0; cut <= whole.length; cut++) {
      const early = findHeaderEnd(whole.subarray(0, cut))
      assert.equal(early === -1 ? findHeaderEnd(whole, cut) : early, 12, `cut at ${cut}`)
    }
  })

  it('is read as fields, folded ones whole', () => {
    assert.deepEqual(read('Subject: a\r\n b\r\n\tc\r\nX-Empty:\r\nTO :x\r\nA:b:c\r\n'), [
      ['subject', 'a b\tc'],
      ['x-empty', ''],
      ['to', 'x'],
      ['a', 'b:c'],
    ])
  })

  it('is a fault where two readers would read two things', () => {
    for (const [text, fault, line] of [
      ['A: b\r\nno colon here\r\n', 'not-a-field', 2],
      [' A: b\r\n', 'not-a-field', 1],
      ['A: b\r\n: c\r\n', 'not-a-field', 2],
      ['A b: c\r\n', 'not-a-field', 1],
      ['From a@b Mon Jan  1 00:00:00\r\nA: b\r\n', 'not-a-field', 1],
      ['Fröm: c\r\n', 'not-a-field', 1],
      ['A: b\nB: c\r\n', 'bare-cr-or-lf', 1],
      ['A: b\r\n c\rB: d\r\n', 'bare-cr-or-lf', 1],
      ['A: b\r', 'bare-cr-or-lf', 1],
      ['A: b', 'bare-cr-or-lf', 1],
      ['A: b\r\nB: \0\r\n', 'nul', 2],
      ['A: \r\n'.repeat(contentLimits.headerFields + 1), 'too-many-fields', 2_001],
    ] as const) {
      const section = parseHeaderSection(Buffer.from(text))
      assert.deepEqual(section, { kind: 'fault', fault, line }, JSON.stringify(text.slice(0, 40)))
    }
  })

  it('is covered by its fields without a gap, or is a fault, whatever the octets', () => {
    const piece = fc.constantFrom(
      'A',
      ':',
      ' ',
      '\t',
      '\r\n',
      '\r',
      '\n',
      '\0',
      'é',
      'b',
      'From: x\r\n',
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const octets = Buffer.from(pieces.join(''))
        const section = parseHeaderSection(octets)
        if (section.kind === 'fault') return
        let at = 0
        for (const field of section.fields) {
          assert.equal(field.start, at)
          assert.match(field.name, /^[\x21-\x39\x3b-\x7e]+$/)
          at = field.end
        }
        assert.equal(at, octets.length)
      }),
      { numRuns: 2_000 },
    )
  })
})

function read(text: string): readonly (readonly [string, string])[] {
  const section = parseHeaderSection(Buffer.from(text))
  assert.ok(section.kind === 'section')
  return section.fields.map((field) => [field.name, fieldValue(field)])
}
