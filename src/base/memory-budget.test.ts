// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryBudget, type Room } from './memory-budget.ts'

describe('A memory budget', () => {
  it('tells scarce from ample, and none from scarce, and comes back later than it went', () => {
    const changes: Room[] = []
    const budget = new MemoryBudget(800, (room) => changes.push(room))
    const share = budget.share()
    const rooms = [599, 600, 799, 800, 600, 599, 500, 499].map((octets) => {
      share.hold(octets)
      return budget.room
    })
    assert.deepEqual(rooms, [
      ...(['ample', 'scarce', 'scarce', 'none'] as const),
      ...(['none', 'scarce', 'scarce', 'ample'] as const),
    ])
    assert.deepEqual(changes, ['scarce', 'none', 'scarce', 'ample'])
  })

  it('adds up what all shares keep', () => {
    const budget = new MemoryBudget(100)
    const [one, other] = [budget.share(), budget.share()]
    one.hold(30)
    other.hold(40)
    one.hold(10)
    assert.equal(budget.held, 50)
    one.hold(0)
    other.hold(0)
    assert.equal(budget.held, 0)
  })

  it('lets a share shrink but not grow where nothing is left, nor to where nothing is left', () => {
    const budget = new MemoryBudget(100)
    const share = budget.share()
    assert.equal(share.hold(99), true)
    assert.equal(share.hold(100), false)
    assert.equal(share.hold(100), true)
    assert.equal(share.hold(90), true)
  })
})
