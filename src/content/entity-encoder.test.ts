// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reply } from '../protocol/reply.ts'
import * as refusal from './content-refusals.ts'
import { EntityEncoder } from './entity-encoder.ts'

const head = 'From: a@b.example\r\n'
const long = 'word '.repeat(300)

function encoded(...lines: readonly string[]): { text: string; fault: Reply | null } {
  const encoder = new EntityEncoder({ eightBit: 'quoted-printable', longLines: 'fold' })
  for (const line of lines) encoder.line(Buffer.from(line))
  encoder.end()
  return { text: Buffer.concat(encoder.take()).toString(), fault: encoder.fault }
}

describe('A bare CR or LF', () => {
  for (const line of ['\r', '\n', 'a\r\r\n', 'a\n', 'a\rb\r\n']) {
    it(`is refused where an encoding would hide it: ${JSON.stringify(line)}`, () => {
      assert.equal(encoded(head, '\r\n', `é ${long}\r\n`, line).fault, refusal.bareLineEnd)
      assert.equal(encoded(head, '\r\n', line, `é ${long}\r\n`).fault, refusal.bareLineEnd)
    })

    it(`is left to be seen where lines of base64 are broken: ${JSON.stringify(line)}`, () => {
      const field = 'Content-Transfer-Encoding: base64\r\n'
      const { text } = encoded(field, '\r\n', 'A'.repeat(1_000) + line)
      assert.match(text, /\r(?!\n)|(?<!\r)\n/)
    })
  }
})

describe('What cannot be a header', () => {
  it('is passed on as it is, with what follows', () => {
    for (const lines of [['no field\r\n', '\r\n', 'é\r\n'], ['Subject: x\r\n', 'X'], ['']])
      assert.deepEqual(encoded(...lines), { text: lines.join(''), fault: null })
  })

  it('is not gathered without a bound', () => {
    const line = `X: ${'y'.repeat(900)}\r\n`
    const lines = Array.from({ length: 400 }, () => line)
    assert.deepEqual(encoded(...lines), { text: lines.join(''), fault: null })
  })
})
