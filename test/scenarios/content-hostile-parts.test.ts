// SPDX-License-Identifier: Apache-2.0
/** Bodies made quoted-printable and lines folded, in messages that nobody would write but to mislead: Python reads the same as before. */
import assert from 'node:assert/strict'
import { isAscii } from 'node:buffer'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ContentPolicy } from '../../src/content/content-policy.ts'
import { ContentPreparation } from '../../src/content/content-preparation.ts'
import { hasPython, partsReadByPython } from '../support/python-parts.ts'

const MESSAGES = 1_500
const BOUNDARIES = ['a', 'b', 'ab', 'a-', '-a', 'a--']
/** So that a piece of a broken line would be a delimiter. */
const trap = `${'A'.repeat(76 * 14)}--a`

const boundary = fc.constantFrom(...BOUNDARIES)
const delimiterLike = fc
  .tuple(boundary, fc.constantFrom('', '--', ' ', '-- \t', '\xa0', '\f', '--\xa0', 'x', ' é'))
  .map(([name, end]) => `--${name}${end}`)
const bodyLine = fc.oneof(
  delimiterLike,
  fc.constantFrom(
    '',
    'plain',
    'caf\xe9',
    '=3D',
    '.',
    '--',
    '-- ',
    ' ',
    'From me',
    'QUJD',
    trap,
    `${'x'.repeat(75)}--a`,
    `${'x'.repeat(995)}`,
    `${'\xe9'.repeat(25)}--b`,
    'word '.repeat(300),
    `${'QUJD'.repeat(300)}`,
    'Content-Type: text/html',
  ),
)
const encodingField = fc
  .constantFrom(
    '7bit',
    '8bit',
    'BASE64',
    '(so) base64',
    'base64 (so)',
    'base64 ',
    'base64;',
    'base64\xa0',
    '\r\n base64',
    '(so) 8bit',
    'quoted-printable',
    'x',
  )
  .map((name) => [`Content-Transfer-Encoding: ${name}`])
const parameters = fc
  .tuple(boundary, boundary)
  .map(([name, other]) => [
    `boundary=${name}`,
    `boundary="${name}"`,
    `boundary="${name}" ; charset=x`,
    `charset=x; Boundary = ${name}`,
    `boundary=${name} (so)`,
    `(boundary=${other}) ; boundary=${name}`,
    `boundary="\\${name}"`,
    `boundary="${name} "`,
    `boundary=${name} ${other}`,
    `boundary=${name}; boundary=${other}`,
    `boundary*=us-ascii''${name}`,
    `boundary*0=${name}; boundary*1=${other}`,
    `boundary=${name}\xa0`,
    `boundary="${name}`,
    `boundary = "${name}"; charset="a;boundary=${other}"`,
  ])
const typeField = fc.oneof(
  fc.constantFrom<string[]>(
    ['Content-Type: text/plain; charset=utf-8'],
    ['Content-Type: message/rfc822'],
    ['Content-Type: message / rfc822'],
    ['Content-Type: (so) message/rfc822'],
    ['Content-Type: application/octet-stream'],
    ['Content-Type: multipart/mixed'],
  ),
  fc
    .tuple(
      fc.constantFrom(
        '/mixed',
        '/digest',
        '/signed',
        '/mixed/x',
        '/mixed\xa0',
        '/ mixed',
        ' / mixed',
      ),
      parameters.chain((all) => fc.oneof(fc.constant(all[0]), fc.constantFrom(...all))),
    )
    .map(([subtype, parameter]) => [`Content-Type: multipart${subtype};`, ` ${parameter}`]),
)
/** Mostly one. */
const fieldsOf = (field: fc.Arbitrary<string[]>) =>
  fc.oneof(
    { weight: 8, arbitrary: field },
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(field, field).map((fields) => fields.flat()) },
  )
const otherField = fc.constantFrom<string[]>(
  [],
  ['Subject: x'],
  ['Subject : x'],
  [`Subject: ${'word '.repeat(300)}x`],
)
const header = fc
  .tuple(fieldsOf(typeField), fieldsOf(encodingField), otherField)
  .map((fields) => [...fields.flat(), ''])
const entity = fc.tuple(header, fc.array(bodyLine, { maxLength: 6 })).map((lines) => lines.flat())
const message = fc
  .array(fc.tuple(entity, fc.array(delimiterLike, { minLength: 1, maxLength: 2 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((entities) => {
    const lines = ['From: joe@example.com', 'MIME-Version: 1.0', ...entities.flat(2)]
    return Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1')
  })

function prepared(octets: Buffer, policy: ContentPolicy): Buffer | null {
  const preparation = new ContentPreparation(policy)
  const chunks = [...preparation.write(octets), ...preparation.finish()]
  return preparation.fault === null ? Buffer.concat(chunks) : null
}

describe('What Python reads in a message of hostile parts', {
  skip: !hasPython && 'no python3',
}, () => {
  for (const eightBit of ['keep', 'quoted-printable'] as const)
    it(`is what it read before, 8-bit bodies: ${eightBit}`, (context) => {
      const pairs = fc.sample(message, { numRuns: MESSAGES, seed: 1 }).flatMap((original) => {
        const made = prepared(original, { eightBit, longLines: 'fold' })
        return made === null || made.equals(original) ? [] : [[original, made] as const]
      })
      const before = partsReadByPython(pairs.map(([original]) => original))
      // What we say of text of which nobody said anything.
      const after = partsReadByPython(pairs.map(([, made]) => made)).map((parts) =>
        parts.replaceAll('"unknown-8bit"', 'null'),
      )
      const changed = pairs.filter((_, at) => before[at] !== after[at])
      context.diagnostic(`${pairs.length} of ${MESSAGES} were changed`)
      assert.ok(pairs.length > MESSAGES / 20)
      const [example] = changed
      assert.equal(changed.length, 0, JSON.stringify(example?.map(String), null, 1))
      for (const [, made] of pairs)
        for (const line of made.toString('latin1').split('\r\n')) assert.ok(line.length <= 998)
      if (eightBit === 'quoted-printable') assert.ok(pairs.some(([, made]) => isAscii(made)))
    })
})
