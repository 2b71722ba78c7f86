// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'
import { entryReasons, type Suppression, type SuppressionId, scopeKinds } from './suppression.ts'
import { csvLine, fieldsOf, headerLine, readHeader, readLine } from './suppression-csv.ts'

const places = readHeader(headerLine) ?? assert.fail('it is a header')
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((each) => each.trim())

describe('A line of suppressions', () => {
  it('gives back every entry that was written', () => {
    const entry = fc.record({
      reason: fc.constantFrom(...entryReasons),
      kind: fc.constantFrom(...scopeKinds),
      name: text.filter((each) => each !== ''),
      note: text.filter((each) => !/^[=+\-@]/.test(each)),
      createdAt: fc.integer({ min: 0, max: 4e12 }),
      expiresAt: fc.option(fc.integer({ min: 0, max: 4e12 })),
      isKept: fc.boolean(),
    })
    fc.assert(
      fc.property(entry, ({ createdAt, expiresAt, isKept, kind, name, note, reason }) => {
        const scope = { kind, name: kind === 'tenant' ? '' : name }
        const written: Suppression = {
          id: 1 as SuppressionId,
          tenant: 'shop' as Slug,
          addressHash: new Uint8Array(8).fill(7),
          address: isKept ? 'ann@example.net' : null,
          scope,
          reason,
          sourceEvent: null,
          importId: null,
          note,
          createdAt: instant(createdAt),
          expiresAt: expiresAt === null ? null : instant(expiresAt),
        }
        const read = readLine(csvLine(written), places, 'manual')
        assert.deepEqual(read, {
          address: isKept ? 'ann@example.net' : new Uint8Array(8).fill(7),
          reason,
          stream: kind === 'stream' ? read.stream : null,
          list: kind === 'list' ? read.list : null,
          note,
          createdAt,
          expiresAt,
          sourceEvent: null,
          keepsAddress: true,
        })
      }),
    )
  })

  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        try {
          fieldsOf(line)
        } catch (thrown) {
          assert.equal((thrown as { code?: string }).code, 'RLY_RECORD_INVALID')
        }
      }),
    )
  })

  for (const [line, fields] of [
    ['a,b', ['a', 'b']],
    ['', ['']],
    ['"a,b",', ['a,b', '']],
    ['"a""b"', ['a"b']],
    ['a,,"c"', ['a', '', 'c']],
  ] as const)
    it(`${line} has the fields ${fields.join(' | ')}`, () => {
      assert.deepEqual(fieldsOf(line), fields)
    })

  for (const line of ['"a', 'a"b', '"a"b', '"a""', 'a,"'])
    it(`${line} is refused for its quotes`, () => {
      assert.throws(() => fieldsOf(line), /double quote/)
    })

  for (const [line, expected] of [
    ['a@b.example,bounce,,,,yesterday', /"yesterday" is no time/],
    ['a@b.example,spam', /is no reason/],
    [',manual,,,,,,,xyz', /is no hash/],
  ] as const)
    it(`${line} is refused with what would be right`, () => {
      assert.throws(() => readLine(line, places, 'manual'), expected)
    })
})
