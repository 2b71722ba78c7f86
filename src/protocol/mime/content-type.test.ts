// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseContentType } from './content-type.ts'

for (const [value, type, boundary] of [
  ['text/html; charset=utf-8', 'text/html', null],
  [' Multipart/Mixed; boundary=abc', 'multipart/mixed', 'abc'],
  ['multipart/mixed; charset=x; BOUNDARY="a; b=c"', 'multipart/mixed', 'a; b=c'],
  ['multipart/mixed; boundary="a" ; charset="x; boundary=b";', 'multipart/mixed', 'a'],
  ['multipart/mixed;boundary=----=_Part(1)_?', 'multipart/mixed', null],
  ['multipart/mixed;boundary=----=_Part_1?', 'multipart/mixed', '----=_Part_1?'],
  ['multipart/mixed ; boundary = "=_x(1)"', 'multipart/mixed', '=_x(1)'],
  ['multipart/mixed; boundary=""', 'multipart/mixed', null],
  ['multipart/mixed; boundary="ends in space "', 'multipart/mixed', null],
  [`multipart/mixed; boundary=${'x'.repeat(71)}`, 'multipart/mixed', null],
  ['multipart/mixed; xboundary=abc', 'multipart/mixed', null],
  ['', 'text/plain', null],
  ['text', 'text/plain', null],
] as const)
  test(`Content-Type "${value.slice(0, 50)}" is ${type} with boundary ${boundary}`, () => {
    assert.deepEqual(parseContentType(value), { type, isClear: true, boundary })
  })

for (const parameters of [
  ' (so); boundary=a',
  ' (; boundary=b) ; boundary=a',
  '; boundary=a (so)',
  '; boundary=a; boundary=b',
  '; boundary=a; boundary=a',
  "; boundary*=us-ascii''a; boundary=a",
  '; boundary*0=a; boundary*1=b',
  '; boundary=a b',
  '; boundary="a" b',
  '; boundary="a"b"',
  '; boundary="a',
  '; boundary="\\a"',
  '; boundary=a; =b',
  '; charset; boundary=a',
  '; boundary=caf\xe9',
  '\xa0; boundary=a',
  '/x; boundary=a',
  ', boundary=a',
])
  test(`A boundary that not every reader finds is none: ${JSON.stringify(parameters)}`, () => {
    const value = `multipart/mixed${parameters}`
    const { type, boundary } = parseContentType(value)
    assert.deepEqual({ type, boundary }, { type: 'multipart/mixed', boundary: null })
  })

for (const [value, type] of [
  ['message / rfc822', 'message/rfc822'],
  ['message/ rfc822', 'message/rfc822'],
  ['(so) message/rfc822', 'message/rfc822'],
  ['message(so)/rfc822', 'message/rfc822'],
  ['message/rfc822 (so)', 'message/rfc822'],
  ['message/rfc822/x', 'message/rfc822'],
  ['message/rfc822 x', 'message/rfc822'],
  ['multipart /mixed; boundary=a', 'multipart/mixed'],
] as const)
  test(`The type of "${value}" is not clear`, () => {
    assert.deepEqual(parseContentType(value), { type, isClear: false, boundary: null })
  })

test('No Content-Type is too odd', () => {
  fc.assert(fc.property(fc.string(), (value) => void parseContentType(value)))
})
