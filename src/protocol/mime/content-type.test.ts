// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseContentType } from './content-type.ts'

for (const [value, type, boundary] of [
  ['text/html; charset=utf-8', 'text/html', null],
  [' Multipart/Mixed; boundary=abc', 'multipart/mixed', 'abc'],
  ['multipart/mixed; charset=x; BOUNDARY="a; b=c"', 'multipart/mixed', 'a; b=c'],
  ['multipart/mixed (the; boundary=no) ; boundary="a\\"b"', 'multipart/mixed', 'a"b'],
  ['multipart / mixed ; boundary = "=_x(1)"', 'multipart/mixed', '=_x(1)'],
  ['multipart/mixed; boundary=""', 'multipart/mixed', null],
  ['multipart/mixed; boundary="ends in space "', 'multipart/mixed', null],
  [`multipart/mixed; boundary=${'x'.repeat(71)}`, 'multipart/mixed', null],
  ['multipart/mixed; xboundary=abc', 'multipart/mixed', null],
  ['', 'text/plain', null],
  ['text', 'text/plain', null],
] as const)
  test(`Content-Type "${value.slice(0, 50)}" is ${type} with boundary ${boundary}`, () => {
    assert.deepEqual(parseContentType(value), { type, boundary })
  })

test('No Content-Type is too odd', () => {
  fc.assert(fc.property(fc.string(), (value) => void parseContentType(value)))
})
