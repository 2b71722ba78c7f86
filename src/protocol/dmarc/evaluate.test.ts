// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { evaluateDmarc } from './evaluate.ts'

const zone: Readonly<Record<string, string>> = {
  '_dmarc.loop.example': 'v=DMARC1; p=reject',
  '_dmarc.strict.example': 'v=DMARC1; p=quarantine; adkim=s; aspf=s',
  '_dmarc.trying.example': 'v=DMARC1; p=reject; t=y',
  '_dmarc.hosting.example': 'v=DMARC1; p=none; psd=y',
}

const lookUp = async (name: string): Promise<readonly string[] | null> => {
  if (name.endsWith('away.example')) return null
  const text = zone[name]
  return text === undefined ? [] : [text]
}

describe('DMARC', () => {
  for (const [author, signers, sender, expected] of [
    ['loop.example', ['loop.example'], null, 'pass reject'],
    ['loop.example', [], 'loop.example', 'pass reject'],
    ['mail.loop.example', ['bounce.loop.example'], null, 'pass reject'],
    ['loop.example', ['other.example'], 'other.example', 'fail reject'],
    ['loop.example', ['evilloop.example'], null, 'fail reject'],
    ['loop.example', [], null, 'fail reject'],
    ['strict.example', ['mail.strict.example'], null, 'fail quarantine'],
    ['strict.example', [], 'mail.strict.example', 'fail quarantine'],
    ['strict.example', ['strict.example'], null, 'pass quarantine'],
    ['trying.example', [], null, 'fail none'],
    // Each name below a public suffix is an organisation of its own.
    ['one.hosting.example', ['two.hosting.example'], null, 'fail none'],
    ['a.one.hosting.example', ['one.hosting.example'], null, 'pass none'],
    ['nowhere.example', ['nowhere.example'], null, 'none none'],
    ['away.example', ['away.example'], null, 'temperror none'],
    [null, ['loop.example'], 'loop.example', 'none none'],
  ] as const)
    it(`of ${author ?? 'nobody'}, signed by ${signers.join() || 'nobody'}, sent for ${sender ?? 'nobody'}: ${expected}`, async () => {
      const { result, policy } = await evaluateDmarc(lookUp, { author, signers, sender })
      assert.equal(`${result} ${policy}`, expected)
    })
})
