// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { base32, codeAt, stepAt, stepOfCode, totpUri } from './totp.ts'

/** RFC 6238, appendix B: SHA-1. Six digits are the last of its eight. */
const secret = Buffer.from('12345678901234567890')
const vectors = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
] as const

describe('A code of an authenticator app', () => {
  for (const [second, eight] of vectors)
    it(`at second ${second} is the one of RFC 6238`, () => {
      assert.equal(codeAt(secret, stepAt(instant(second * 1_000))), eight.slice(2))
    })

  const now = instant(1_111_111_111_000)
  const step = stepAt(now)

  it('is good one step before and after its time, and no further', () => {
    const good = [-2, -1, 0, 1, 2].map((by) =>
      stepOfCode(secret, codeAt(secret, step + by), now, 0),
    )
    assert.deepEqual(good, [null, step - 1, step, step + 1, null])
  })

  it('is good once, and those before it no more', () => {
    assert.equal(stepOfCode(secret, codeAt(secret, step), now, step), null)
    assert.equal(stepOfCode(secret, codeAt(secret, step - 1), now, step), null)
    assert.equal(stepOfCode(secret, codeAt(secret, step + 1), now, step), step + 1)
  })

  it('may have spaces, and is nothing else', () => {
    const code = codeAt(secret, step)
    assert.equal(stepOfCode(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now, 0), step)
    for (const wrong of ['', code.slice(1), `${code}0`, '½½½', 'abcdef', '٠٥٠٤٧١'])
      assert.equal(stepOfCode(secret, wrong, now, 0), null, wrong)
  })
})

describe('The secret of an app', () => {
  for (const [text, encoded] of [
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foob', 'MZXW6YQ'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    it(`is written as RFC 4648 §10 writes "${text}", without padding`, () => {
      assert.equal(base32(Buffer.from(text)), encoded)
    })

  it('is named for the relay and the person', () => {
    const uri = new URL(totpUri(secret, 'relay.example.com', 'a+b@example.com'))
    assert.equal(decodeURIComponent(uri.pathname), '/Posthaste relay.example.com:a+b@example.com')
    assert.equal(uri.searchParams.get('secret'), base32(secret))
    assert.equal(uri.searchParams.get('issuer'), 'Posthaste relay.example.com')
  })
})
