// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { encodeLines } from './quoted-printable.ts'

/** RFC 2045 §6.7, read backwards. */
function decoded(text: string): string {
  return text
    .replaceAll(/[ \t]+(?=\r\n|$)/g, '')
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
}

function encoded(line: string): string {
  return encodeLines(Buffer.from(line, 'latin1'))?.toString('latin1') ?? 'null'
}

describe('A line in quoted-printable', () => {
  for (const [line, expected] of [
    ['plain, as it was\r\n', 'plain, as it was\r\n'],
    ['caf\xc3\xa9 = 100 %\r\n', 'caf=C3=A9 =3D 100 %\r\n'],
    ['ends in space \r\n', 'ends in space=20\r\n'],
    ['ends in tab\t', 'ends in tab=09'],
    ['\r\n', '\r\n'],
    ['', ''],
    ['.\r\n', '.\r\n'],
    ['a\0\x7f\r\n', 'a=00=7F\r\n'],
    [' \r\n\r\nb\t', '=20\r\n\r\nb=09'],
    ['a\rb\r\n', 'null'],
    ['a\nb\r\n', 'null'],
    ['a\r', 'null'],
    ['a\r\r\n', 'null'],
    [`${'x'.repeat(76)}\r\n`, `${'x'.repeat(76)}\r\n`],
    [`${'x'.repeat(77)}\r\n`, `${'x'.repeat(75)}=\r\nxx\r\n`],
    [`${'x'.repeat(75)}--b\r\n`, `${'x'.repeat(75)}=\r\n=2D-b\r\n`],
  ] as const)
    it(`of ${JSON.stringify(line.slice(0, 20))} is as RFC 2045 wants it`, () => {
      assert.equal(encoded(line), expected)
    })

  it('is short, in ASCII, ends in nothing that is lost, and gives back every octet', () => {
    const octet = fc
      .oneof(fc.constantFrom(0x20, 0x09, 0x2d, 0x3d, 0xe9), fc.integer({ max: 255, min: 0 }))
      .filter((one) => one !== 0x0d && one !== 0x0a)
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 400 }), fc.boolean(), (octets, hasEnd) => {
        const line = `${String.fromCharCode(...octets)}${hasEnd ? '\r\n' : ''}`
        const text = encoded(line)
        for (const [at, part] of text.split('\r\n').entries()) {
          assert.ok(part.length <= 76 && /^[\t\x20-\x7e]*(?<![\t ])$/.test(part), part)
          assert.ok(at === 0 || !part.startsWith('--'))
        }
        assert.equal(decoded(text), line)
      }),
    )
  })

  it('is the same beside others', () => {
    const line = fc.stringMatching(/^[ -=é\t]{0,90}$/).map((text) => `${text}\r\n`)
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        assert.equal(encoded(lines.join('')), lines.map(encoded).join(''))
      }),
    )
  })
})
