// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeEncodedWords } from './encoded-words.ts'

describe('Encoded words', () => {
  for (const [text, decoded] of [
    ['plain', 'plain'],
    ['=?utf-8?Q?caf=C3=A9_au_lait?=', 'café au lait'],
    ['=?UTF-8?b?Y2Fmw6k=?=', 'café'],
    ['=?iso-8859-1?q?caf=E9?= bar', 'café bar'],
    ['=?utf-8*fr?q?caf=C3=A9?=', 'café'],
    ['a =?utf-8?q?b?= =?utf-8?q?c?= d', 'a bc d'],
    ['=?utf-8?q?=C3?= =?utf-8?q?=A9?=', 'é'],
    ['=?iso-8859-1?q?a?= =?utf-8?q?b?=', 'ab'],
    ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
    ['=?no-such-charset?q?a?=', '=?no-such-charset?q?a?='],
    ['=?utf-8?q?unfinished', '=?utf-8?q?unfinished'],
    ['=?utf-8?q?a=0D=0ABcc:_x?=', 'a Bcc: x'],
    ['=?utf-8?q?=ZZ?=', '=ZZ'],
    ['a\r\n b\0c', 'a  b c'],
  ] as const) {
    it(`of ${JSON.stringify(text)} read ${JSON.stringify(decoded)}`, () => {
      assert.equal(decodeEncodedWords(text, 500), decoded)
    })
  }

  it('never give more than the limit, or a control character', () => {
    const piece = fc.constantFrom(
      '=?',
      'utf-8',
      '?',
      'q',
      'b',
      '?=',
      '=0A',
      'AAAA',
      ' ',
      '\n',
      '=?utf-8?q?',
      'é',
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const decoded = decodeEncodedWords(pieces.join(''), 20)
        assert.ok(decoded.length <= 20)
        assert.doesNotMatch(decoded, /\p{Cc}/u)
      }),
      { numRuns: 2_000 },
    )
  })
})
