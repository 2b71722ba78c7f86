// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentLimits } from '../base/limits/limits.ts'
import { ContentPreparation } from './content-preparation.ts'

const head = 'From: a@b.example\r\n'
const contents = {
  text: `${head}\r\n${'Nothing to see here.\r\n'.repeat(50_000)}`,
  'text that becomes 8-bit late': `${head}\r\n${'Nothing yet.\r\n'.repeat(9_000)}${'é\r\n'.repeat(200_000)}`,
  'empty lines': `${head}\r\n${'\r\n'.repeat(500_000)}`,
  'base64 in long lines': `${head}Content-Transfer-Encoding: base64\r\n\r\n${`${'A'.repeat(2_000)}\r\n`.repeat(500)}`,
} as const

describe('What is held of content that is prepared', () => {
  for (const [what, text] of Object.entries(contents))
    for (const size of [65_536, 1_400, 1])
      for (const eightBit of ['keep', 'quoted-printable'] as const)
        it(`is bounded and counted: ${what}, ${eightBit}, in chunks of ${size}`, () => {
          const preparation = new ContentPreparation({ eightBit, longLines: 'fold' })
          const octets = Buffer.from(text.slice(0, size === 1 ? 400_000 : undefined))
          let [taken, given, most] = [0, 0, 0]
          for (let at = 0; at < octets.length; at += size) {
            taken += Math.min(size, octets.length - at)
            for (const made of preparation.write(octets.subarray(at, at + size)))
              given += made.length
            assert.ok(taken - given <= preparation.heldOctets)
            most = Math.max(most, preparation.heldOctets)
          }
          assert.ok(most > 0)
          assert.ok(most < contentLimits.wholeOctets + contentLimits.undecidedOctets)
        })
})
