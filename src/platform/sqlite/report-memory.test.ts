// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { days } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { journalId, newMessageId } from '../../events/ids.ts'
import { SqliteReportMemory } from './report-memory.ts'

const clock = new ManualClock()
const messageId = newMessageId(clock.now(), journalId(1), new SeededRandom(1))
const key = { messageId, recipientIndex: 3, what: 'bounced', isProven: true } as const
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('A report is new once, doubtful until it is confirmed, and known from then on, also by the next process', () => {
  {
    using memory = SqliteReportMemory.open(folder, clock)
    assert.equal(memory.claim(key), 'new')
    assert.equal(memory.claim(key), 'doubtful')
    for (const other of [{ ...key, recipientIndex: 4 }, { ...key, what: 'complained' } as const])
      assert.equal(memory.claim(other), 'new')
    memory.confirm(key)
  }
  using memory = SqliteReportMemory.open(folder, clock)
  assert.equal(memory.claim(key), 'known')
  assert.equal(memory.claim({ ...key, recipientIndex: 4 }), 'doubtful')
})

test('What is only likely keeps nothing from what is proven, and is known where that is', () => {
  using memory = SqliteReportMemory.open(folder, clock)
  const likely = { ...key, isProven: false }
  assert.equal(memory.claim(likely), 'new')
  memory.confirm(likely)
  assert.equal(memory.claim(likely), 'known')
  assert.equal(memory.claim(key), 'new')
  const other = { ...key, recipientIndex: 4 }
  memory.claim(other)
  assert.equal(memory.claim({ ...other, isProven: false }), 'known')
})

test('It is forgotten when no token is good any more', () => {
  using memory = SqliteReportMemory.open(folder, clock)
  memory.claim(key)
  memory.confirm(key)
  clock.advance(days(89))
  assert.equal(memory.claim(key), 'known')
  clock.advance(days(2))
  assert.equal(memory.claim(key), 'new')
})

test('That somebody wants no more is remembered for as long as the links to say so are good', () => {
  using memory = SqliteReportMemory.open(folder, clock)
  const wish = { ...key, what: 'unsubscribed' } as const
  memory.claim(wish)
  memory.confirm(wish)
  for (const [later, expected] of [
    [400, 'known'],
    [61, 'new'],
  ] as const) {
    clock.advance(days(later))
    assert.equal(memory.claim(wish), expected)
  }
})

test('A file that is damaged is made anew', () => {
  writeFileSync(join(folder, 'reports.sqlite'), Buffer.alloc(8_192, 'x'))
  using memory = SqliteReportMemory.open(folder, clock)
  assert.equal(memory.claim(key), 'new')
})
