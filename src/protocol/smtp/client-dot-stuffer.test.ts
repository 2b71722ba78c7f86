// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DotStuffer } from './client-dot-stuffer.ts'
import { ContentReader } from './content-reader.ts'

function stuffed(text: string, size = text.length): string {
  const octets = Buffer.from(text, 'latin1')
  const stuffer = new DotStuffer()
  const pieces: Uint8Array[] = []
  for (let at = 0; at < octets.length; at += Math.max(1, size))
    stuffer.push(octets.subarray(at, at + Math.max(1, size)), pieces)
  pieces.push(stuffer.end())
  return Buffer.concat(pieces).toString('latin1')
}

const cases: readonly (readonly [string, string])[] = [
  ['', '.\r\n'],
  ['a\r\n', 'a\r\n.\r\n'],
  ['a', 'a\r\n.\r\n'],
  ['a\r', 'a\r\r\n.\r\n'],
  ['.', '..\r\n.\r\n'],
  ['.\r\n', '..\r\n.\r\n'],
  ['\r\n.\r\n.\r\n', '\r\n..\r\n..\r\n.\r\n'],
  ['a.b\r\n.c\r\n', 'a.b\r\n..c\r\n.\r\n'],
]

for (const [text, expected] of cases)
  test(`${JSON.stringify(text)} goes out as ${JSON.stringify(expected)}, in any chunking`, () => {
    for (let size = 1; size <= Math.max(1, text.length); size++)
      assert.equal(stuffed(text, size), expected)
  })

test('What is stuffed, in any chunking, is what a receiver reads, up to the one end', () => {
  const limits = { textLineOctets: 1_000, messageOctets: 10_000 }
  const text = fc
    .array(fc.constantFrom('\r\n', '.', '..', 'ab', '\r\n.', '.\r\n'), { maxLength: 60 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), (content, size) => {
      const reader = new ContentReader('dot-stuffed', limits)
      const wire = Buffer.from(stuffed(content, size))
      assert.equal(reader.read(wire), wire.length)
      assert.ok(reader.hasEnded)
      assert.equal(reader.fault, null)
      const isWhole = content === '' || content.endsWith('\r\n')
      assert.equal(reader.content.toString(), isWhole ? content : `${content}\r\n`)
    }),
  )
})
