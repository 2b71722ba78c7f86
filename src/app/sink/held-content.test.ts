// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import test from 'node:test'
import { ContentBudget, HeldContent } from './held-content.ts'

const slice = Buffer.alloc(100, 'a')

test('content is held up to what is wanted, and counted to its end', () => {
  const limits = { messageOctets: 1_000, wantedOctets: 150 }
  const held = new HeldContent(new ContentBudget(10_000), limits)
  for (let count = 1; count <= 3; count++) held.add(slice)
  assert.deepEqual([held.whole().length, held.size, held.state], [150, 300, 'good'])
})

test('a message that is too large is let go of at once', () => {
  const budget = new ContentBudget(1_000)
  const held = new HeldContent(budget, { messageOctets: 250, wantedOctets: 250 })
  for (let count = 1; count <= 3; count++) held.add(slice)
  assert.deepEqual([held.whole().length, held.size, held.state], [0, 300, 'too-large'])
  assert.ok(budget.take(1_000), 'all of the budget is back')
})

test('all messages share one budget, in which tiny slices count as well', () => {
  const budget = new ContentBudget(500)
  const limits = { messageOctets: 1_000, wantedOctets: 1_000 }
  const first = new HeldContent(budget, limits)
  const second = new HeldContent(budget, limits)
  first.add(slice)
  for (let count = 1; count <= 3; count++) second.add(Buffer.from('x'))
  assert.deepEqual([first.state, second.state], ['good', 'no-memory'])
  first.release()
  first.release()
  assert.ok(budget.take(500))
  assert.equal(budget.take(1), false)
})
