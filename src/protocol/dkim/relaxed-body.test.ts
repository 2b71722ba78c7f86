// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RelaxedBodyHash } from './relaxed-body.ts'

describe('The relaxed hash of a body', () => {
  for (const [body, canonical] of [
    ['', ''],
    ['\r\n\r\n', ''],
    [' \t\r\n \r\n', ''],
    [' ', ''],
    ['a', 'a\r\n'],
    ['a\r\n', 'a\r\n'],
    ['a\r\n\r\n\r\n', 'a\r\n'],
    ['a \t \r\n', 'a\r\n'],
    ['a \t b\r\n\r\n  c\r\n', 'a b\r\n\r\n c\r\n'],
    [' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n'],
    ['\r\n\r\na', '\r\n\r\na\r\n'],
    ['a\r\n   ', 'a\r\n'],
    ['\u00e9\0\x7f', '\u00e9\0\x7f\r\n'],
  ] as const) {
    it(`of ${JSON.stringify(body)} is that of ${JSON.stringify(canonical)}`, () => {
      assert.equal(hashOf([Buffer.from(body)]), hash('sha256', canonical, 'base64'))
    })
  }

  it('is the same for any chunking, and that of a slow and simple canonical form', () => {
    const piece = fc.constantFrom('a', ' ', '\t', '\r\n', '\r\n\r\n', 'word', 'é', '\0', '.')
    const cuts = fc.array(fc.nat(60), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), cuts, (pieces, lengths) => {
        const body = Buffer.from(pieces.join(''))
        const expected = hash('sha256', slowRelaxed(body.toString('latin1')), 'base64')
        assert.equal(hashOf(chunksOf(body, lengths)), expected)
        assert.equal(hashOf([...body].map((octet) => Buffer.of(octet))), expected)
      }),
      { numRuns: 3_000 },
    )
  })

  it('is the same across its own slices', () => {
    const line = `${'x'.repeat(997)} \t\r\n`
    const blank = '\r\n'.repeat(80_000)
    const body = Buffer.from(`${line.repeat(100)}${blank}  y${blank}`)
    const expected = hash('sha256', slowRelaxed(body.toString('latin1')), 'base64')
    for (const size of [7, 4_096, 32_767, 32_768, 32_769, body.length]) {
      const chunks: Buffer[] = []
      for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size))
      assert.equal(hashOf(chunks), expected, `chunks of ${size}`)
    }
  })

  it('tells of a CR or LF that stands alone, in any chunking', () => {
    for (const [body, isBare] of [
      ['a\r\nb\r\n', false],
      ['a\nb', true],
      ['a\rb', true],
      ['a\r', true],
      ['\n', true],
      ['a\r\r\n', true],
      ['\r\n\n', true],
    ] as const)
      for (const chunks of [[Buffer.from(body)], [...body].map((letter) => Buffer.from(letter))]) {
        const relaxed = new RelaxedBodyHash()
        for (const chunk of chunks) relaxed.update(chunk)
        relaxed.digest()
        assert.equal(relaxed.hasBareLineEnd, isBare, JSON.stringify(body))
      }
  })
})

function hashOf(chunks: readonly Buffer[]): string {
  const relaxed = new RelaxedBodyHash()
  for (const chunk of chunks) relaxed.update(chunk)
  return relaxed.digest()
}

/** RFC 6376 §3.4.4, word for word. */
function slowRelaxed(body: string): Buffer {
  const lines = body
    .split('\r\n')
    .map((line) => line.replace(/[ \t]+$/, '').replace(/[ \t]+/g, ' '))
  while (lines.at(-1) === '') lines.pop()
  return Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1')
}

function chunksOf(body: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    chunks.push(body.subarray(at, at + length))
    at += length
  }
  return [...chunks, body.subarray(at)]
}
