// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { DotReader } from './dot-reader.ts'

/** What is read of `wire` when it comes in pieces of `size`, and how much of it was the message. */
function read(wire: string, size = wire.length) {
  const slices: Buffer[] = []
  const reader = new DotReader((slice) => slices.push(slice))
  const octets = Buffer.from(wire, 'latin1')
  for (let at = 0; at < octets.length; at += size) {
    const used = reader.feed(octets.subarray(at, at + size))
    if (used !== null)
      return { content: latin1(slices), end: at + used, isBare: reader.hasBareLineEnd }
  }
  return { content: latin1(slices), end: null, isBare: reader.hasBareLineEnd }
}

function latin1(slices: readonly Buffer[]): string {
  return Buffer.concat(slices).toString('latin1')
}

const cases = [
  ['a\r\n.\r\n', 'a\r\n', 6],
  ['.\r\n', '', 3],
  ['..\r\n.\r\n', '.\r\n', 7],
  ['.a\r\n.\r\nQUIT\r\n', 'a\r\n', 7],
  ['a\r\n..b\r\n\r\n.\r\n', 'a\r\n.b\r\n\r\n', 13],
  ['a.\r\n.\r\n', 'a.\r\n', 7],
  ['a\r\n', 'a\r\n', null],
] as const

test('content ends at the lone dot and stuffed dots are taken out, in pieces of any size', () => {
  for (const [wire, content, end] of cases)
    for (let size = 1; size <= wire.length; size++)
      assert.deepEqual(read(wire, size), { content, end, isBare: false }, `${wire} by ${size}`)
})

test('a lone dot between bare line ends does not end the content, and is complained about', () => {
  for (const wire of [
    'a\n.\nb\r\n.\r\n',
    'a\n.\r\nb\r\n.\r\n',
    'a\r.\r\nb\r\n.\r\n',
    'a\r\n.\rb\r\n.\r\n',
  ])
    for (let size = 1; size <= wire.length; size++) {
      const { end, isBare } = read(wire, size)
      assert.deepEqual([end, isBare], [wire.length, true], `${JSON.stringify(wire)} by ${size}`)
    }
})

test('what a client stuffs is what comes out', () => {
  const line = fc.string({ unit: fc.constantFrom('.', 'a', ' '), maxLength: 5 })
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, size) => {
      const content = lines.map((text) => `${text}\r\n`).join('')
      const stuffed = lines.map((text) => `${text.startsWith('.') ? '.' : ''}${text}\r\n`).join('')
      assert.equal(read(`${stuffed}.\r\n`, size).content, content)
    }),
  )
})
