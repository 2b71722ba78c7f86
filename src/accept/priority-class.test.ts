// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { streamPriorities } from '../records/stream-defaults.ts'
import { priorityClass } from './priority-class.ts'

const asked = Array.from({ length: 19 }, (_, at) => at - 9)

test('a priority moves a message by at most three classes, and 0 by none', () => {
  assert.deepEqual(
    [-9, -5, -2, -1, 0, 1, 2, 5, 9].map((priority) => priorityClass(5, priority)),
    [8, 7, 6, 5, 5, 5, 4, 3, 2],
  )
})

test('a higher priority never waits behind a lower one of the same stream', () => {
  for (let stream = 0; stream <= 9; stream++) {
    const classes = asked.map((priority) => priorityClass(stream, priority))
    assert.deepEqual(
      classes,
      classes.toSorted((a, b) => b - a),
    )
    assert.ok(classes.every((one) => one >= 0 && one <= 9))
  }
})

test('the most urgent bulk mail does not go before ordinary transactional mail', () => {
  assert.equal(priorityClass(streamPriorities.bulk, 9), streamPriorities.transactional)
})
