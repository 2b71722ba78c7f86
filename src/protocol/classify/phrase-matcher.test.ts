// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { PhraseMatcher } from './phrase-matcher.ts'

function found(phrases: readonly string[], text: string): readonly string[] {
  const hits = new Set<string>()
  new PhraseMatcher(phrases).scan(text, (at) => hits.add(phrases[at] ?? ''))
  return phrases.filter((phrase) => hits.has(phrase))
}

describe('a phrase', () => {
  it('is found whatever its case, accents, quotes and kinds of space', () => {
    assert.deepEqual(found(["n'existe pas"], 'La boîte N’EXISTE\t\n PAS.'), ["n'existe pas"])
    assert.deepEqual(found(['boite pleine'], 'BOÎTE PLEINE'), ['boite pleine'])
  })

  it('counts as whole words, and with a star as a part of one', () => {
    assert.deepEqual(found(['spam', 'spam*', '*spam'], 'antispam'), ['*spam'])
    assert.deepEqual(found(['spam', 'spam*', '*spam'], 'spammer'), ['spam*'])
    assert.deepEqual(found(['spam', 'spam*', '*spam'], '(spam)'), ['spam', 'spam*', '*spam'])
  })

  it('is found inside and behind another one', () => {
    const phrases = ['mailbox full', 'box full', 'full', 'full of', '*box full']
    assert.deepEqual(found(phrases, 'mailbox full of mail'), [
      'mailbox full',
      'full',
      'full of',
      '*box full',
    ])
  })

  it('needs no gap in scripts that have none', () => {
    assert.deepEqual(found(['不存在'], '用户不存在的'), ['不存在'])
  })

  it('that ends with a sign is found before a letter', () => {
    assert.deepEqual(found(['p='], 'answer?p=Full'), ['p='])
  })
})

it('Any phrases are found in any text as by looking for each alone', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 1, maxLength: 5 })
  const phrases = fc.uniqueArray(
    letters.filter((phrase) => phrase.trim() === phrase && !phrase.includes('  ')),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(
      phrases,
      fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 60 }),
      (all, text) => {
        const words = ` ${text.replaceAll(/ +/g, ' ').trim()} `
        const expected = all.filter((phrase) => words.includes(` ${phrase} `))
        assert.deepEqual(found(all, text), expected)
      },
    ),
  )
})
