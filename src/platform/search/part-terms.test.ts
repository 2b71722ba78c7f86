// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SeededRandom } from '../../base/random.ts'
import { ENTRY_OCTETS, Entries, type Entry } from './entries.ts'
import { firstKey } from './event-key.ts'
import { type PartLimits, Parts, usualParts } from './parts.ts'
import { openSearch } from './search-file.ts'

const limits: PartLimits = { ...usualParts, fresh: 1_000, runs: { merged: 4, entries: 10_000 } }
const TAKE = 100
const random = new SeededRandom(1)
const entries = Array.from(
  { length: 50_500 },
  (_, at): Entry => ({
    term: Math.floor(random.fraction() * 5_000),
    at,
    journal: at % 3,
    lsn: at + 1,
  }),
)

/** A part with all of them, and what its file has. */
function rig() {
  const folder = mkdtempSync(join(tmpdir(), 'search-'))
  const { database } = openSearch(join(folder, 'search.sqlite'))
  const parts = new Parts(database, limits)
  database.exec('begin')
  const part = parts.partFor(0)
  for (let from = 0; from < entries.length; from += TAKE) {
    for (const entry of entries.slice(from, from + TAKE)) part.terms.push(entry)
    parts.save(new Set([part]))
  }
  database.exec('commit')
  return {
    terms: part.terms,
    count: (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]),
    [Symbol.dispose]() {
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

test('Runs become few, and the file has every entry once', () => {
  using part = rig()
  // Fifty flushes: three merges of merges, which stay; less than four of each tier below.
  assert.equal(part.count('select count(*) from run'), 5)
  assert.equal(part.count('select sum(entries) from run'), 50_000)
  assert.equal(part.count(`select sum(length(entries)) / ${ENTRY_OCTETS} from page_1`), 50_000)
  assert.equal(part.count(`select sum(length(entries)) / ${ENTRY_OCTETS} from fresh`), 500)
})

test('A term leads to its events from any place on, in both orders', () => {
  using part = rig()
  for (const term of [0, 17, 4_999, 5_000]) {
    const expected = entries.filter((entry) => entry.term === term)
    assert.deepEqual([...part.terms.keys(term, 'oldest', firstKey('oldest'))], expected)
    assert.deepEqual(
      [...part.terms.keys(term, 'newest', firstKey('newest'))],
      expected.toReversed(),
    )
    for (const [at, entry] of expected.entries()) {
      assert.deepEqual([...part.terms.keys(term, 'oldest', entry)], expected.slice(at + 1))
      assert.deepEqual(
        [...part.terms.keys(term, 'newest', entry)],
        expected.slice(0, at).toReversed(),
      )
    }
  }
})

test('An entry keeps its numbers up to the largest that there are', () => {
  const largest: Entry = {
    ...{ term: Number.MAX_SAFE_INTEGER, at: Number.MAX_SAFE_INTEGER },
    ...{ journal: 65_535, lsn: Number.MAX_SAFE_INTEGER },
  }
  const list = new Entries()
  for (const entry of [largest, { term: 2 ** 32, at: 2 ** 24, journal: 0, lsn: 1 }, largest])
    list.push(entry)
  assert.deepEqual(list.at(0), largest)
  assert.deepEqual(list.at(1), { term: 2 ** 32, at: 2 ** 24, journal: 0, lsn: 1 })
  assert.deepEqual(list.ofTerm(largest.term), [largest, largest])
  assert.deepEqual(list.sorted(), [list.at(1), largest, largest])
})
