// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant } from '../base/brand.ts'
import { DueHeap } from './due-heap.ts'

describe('A heap of due names', () => {
  it('gives names in the order of their times, whatever was set, moved and deleted', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const step = fc.record({
      name,
      at: fc.integer({ min: 0, max: 50 }),
      what: fc.constantFrom('set', 'advance', 'delete'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new DueHeap<string>()
        const model = new Map<string, number>()
        for (const { name: key, at, what } of steps) {
          const known = model.get(key)
          if (what === 'delete') {
            heap.delete(key)
            model.delete(key)
          } else if (what === 'set') {
            heap.set(key, instant(at))
            model.set(key, at)
          } else {
            heap.advance(key, instant(at))
            model.set(key, Math.min(known ?? at, at))
          }
        }
        assert.equal(heap.next(), model.size === 0 ? null : Math.min(...model.values()))
        const times: number[] = []
        for (
          let next = heap.takeDue(instant(100));
          next !== null;
          next = heap.takeDue(instant(100))
        )
          times.push(model.get(next) ?? -1)
        assert.deepEqual(
          times,
          [...model.values()].sort((a, b) => a - b),
        )
      }),
    )
  })

  it('keeps what is not due yet', () => {
    const heap = new DueHeap<string>()
    heap.set('later', instant(10))
    assert.equal(heap.takeDue(instant(9)), null)
    assert.equal(heap.takeDue(instant(10)), 'later')
    assert.equal(heap.size, 0)
  })
})
