// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { QueueName } from '../spool/queue-name.ts'
import { QueueSizes } from './queue-sizes.ts'

const QUEUES = ['a', 'b', 'c'] as readonly string[] as readonly QueueName[]

describe('The sizes of the queues in a window', () => {
  it('are what a map would say, however they come and go', () => {
    const change = fc.record({ queue: fc.constantFrom(...QUEUES), isAdded: fc.boolean() })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const sizes = new QueueSizes()
        const expected = new Map<QueueName, number>()
        for (const { isAdded, queue } of changes) {
          const before = expected.get(queue) ?? 0
          if (!isAdded && before === 0) continue
          sizes.change(queue, isAdded ? 1 : -1)
          expected.set(queue, before + (isAdded ? 1 : -1))
          for (const each of QUEUES) assert.equal(sizes.of(each), expected.get(each) ?? 0)
          assert.equal(sizes.queues, [...expected.values()].filter((size) => size > 0).length)
        }
      }),
    )
  })
})
