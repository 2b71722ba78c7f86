// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InputBuffer } from './input-buffer.ts'

function linesOf(chunks: readonly string[]): string[] {
  const input = new InputBuffer()
  const lines: string[] = []
  for (const chunk of chunks) {
    input.append(Buffer.from(chunk))
    for (let line = input.takeLine(); line !== null; line = input.takeLine()) {
      lines.push(String(line))
      if (line === 'bare') return lines
    }
    input.compact()
  }
  return [...lines, input.peek().toString()]
}

test('lines end in CRLF, and what is no line yet stays', () => {
  assert.deepEqual(linesOf(['one\r\n\r\ntw', 'o\r', '\nrest']), ['one', '', 'two', 'rest'])
})

test('a line that ends in LF alone is told', () => {
  assert.deepEqual(linesOf(['one\r\ntwo\n']), ['one', 'bare'])
  assert.deepEqual(linesOf(['\n']), ['bare'])
})

test('octets are taken as they were appended, in any portions', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.nat(9)), (chunks, counts) => {
      const input = new InputBuffer()
      let taken = ''
      for (const [at, chunk] of chunks.entries()) {
        input.append(Buffer.from(chunk, 'latin1'))
        taken += input.take(counts[at] ?? 1).toString('latin1')
      }
      const rest = input.peek().toString('latin1')
      assert.equal(input.size, rest.length)
      assert.equal(taken + rest, Buffer.from(chunks.join(''), 'latin1').toString('latin1'))
    }),
  )
})
