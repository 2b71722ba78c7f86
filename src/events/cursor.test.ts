// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCursor, parseCursor } from './cursor.ts'
import { journalId, lsn } from './ids.ts'

test('A cursor says how far each journal was read, whatever their order', () => {
  const cursor = new Map([
    [journalId(2), lsn(90)],
    [journalId(1), lsn(4_711)],
  ])
  assert.equal(formatCursor(cursor), '1:1.4711,2.90')
  assert.deepEqual(new Map(parseCursor('1:1.4711,2.90')), cursor)
  assert.equal(parseCursor('1:').size, 0)
})

test('What is no cursor is refused', () => {
  for (const text of ['', 'nonsense', '2:1.1', '1:1', '1:1.1,', '1:1.-1', `1:1.${'9'.repeat(17)}`])
    assert.throws(() => parseCursor(text), { code: 'RLY_USAGE' }, text)
})
