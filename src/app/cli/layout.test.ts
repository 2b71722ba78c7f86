// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { facts, pointInTime, printable, table } from './layout.ts'
import { Terminal } from './terminal.ts'

const plain = new Terminal(new PassThrough(), new PassThrough(), false)

describe('layout', () => {
  it('aligns columns, those of numbers to the right', () => {
    assert.equal(
      table(
        plain,
        ['NAME', 'COUNT', 'NOTE'],
        [
          ['a', 5, 'x'],
          [{ text: 'longer', style: 'red' }, 12_345, ''],
        ],
      ),
      'NAME    COUNT  NOTE\na           5  x\nlonger  12345  ',
    )
  })

  it('puts facts below each other and leaves out what is null', () => {
    const text = facts(plain, [
      ['a', 1],
      ['absent', null],
      ['long', 'x'],
    ])
    assert.equal(text, 'a     1\nlong  x')
  })

  it('shows control characters rather than obey them', () => {
    assert.equal(printable('a\u001b[31m\r\n\tb\u009b'), 'a\\x1b[31m\\x0d\\x0a b\\x9b')
    assert.equal(printable('moc.elpmaxe@\u202eeno\u2069'), 'moc.elpmaxe@\\u202eeno\\u2069')
    assert.equal(facts(plain, [['k', '\u001b]0;x\u0007']]), 'k  \\x1b]0;x\\x07')
  })

  it('gives points in time in UTC', () => {
    assert.equal(pointInTime(Date.UTC(2026, 0, 31, 23, 59, 58)), '2026-01-31 23:59:58 UTC')
  })
})
