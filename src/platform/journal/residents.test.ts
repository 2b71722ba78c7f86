// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import type { ResidentRecipient } from './resident.ts'
import { Residents } from './residents.ts'

const NOW = instant(1_000)
const LATER = instant(5_000)

function setUp(rows = 0) {
  const released: number[] = []
  const residents = new Residents(
    rows,
    () => rows,
    (resident) => released.push(resident.lsn),
  )
  const message = residents.addMessage({
    lsn: 1,
    segment: 1,
    offset: 128,
    share: 10,
    message: null,
  })
  const own = (index: number, hasRow: boolean) =>
    residents.own(message, 'q', {
      hold: 'none',
      index,
      attempts: 0,
      dueAt: NOW,
      delayAt: null,
      lastAttempt: null,
      hasRow,
    })
  return { residents, released, own }
}

const moves: Record<string, (residents: Residents, recipient: ResidentRecipient) => void> = {
  'give back': (residents, recipient) => residents.giveBack(recipient, NOW),
  defer: (residents, recipient) =>
    residents.defer(recipient, { attempts: 1, dueAt: LATER, lastAttempt: null, changedBy: 9 }),
  finish: (residents, recipient) => residents.finish(recipient, 9),
}

describe('a resident recipient', () => {
  for (const [first, make] of Object.entries(moves))
    for (const [second, again] of Object.entries(moves))
      it(`that is not owned after ${first} may not ${second}`, () => {
        const { residents, own } = setUp()
        const recipient = own(0, false)
        make(residents, recipient)
        assert.throws(() => again(residents, recipient), InvariantError)
      })

  it('without a row is known until a checkpoint has seen that it is final', () => {
    const { residents, own, released } = setUp()
    const recipient = own(0, false)
    residents.finish(recipient, 9)
    assert.deepEqual([...residents.dirty], [recipient])
    assert.deepEqual(released, [1])
    residents.checkpointed([recipient])
    assert.equal(residents.dirty.size, 0)
    assert.equal(residents.byLsn(1), undefined)
    assert.equal(residents.queue('q'), undefined)
  })

  it('with a row is forgotten when the index has it no more', () => {
    const { residents, own } = setUp(1)
    const recipient = own(0, true)
    residents.finish(recipient, 9)
    assert.deepEqual([...residents.dirty], [recipient])
    residents.checkpointed([recipient])
    assert.equal(residents.byLsn(1), undefined)
  })

  it('with a row needs no write to be taken and given back', () => {
    const { residents, own } = setUp(1)
    residents.giveBack(own(0, true), NOW)
    assert.equal(residents.dirty.size, 0)
    assert.equal(residents.byLsn(1), undefined)
  })

  it('is still known after a checkpoint while somebody owns it', () => {
    const { residents, own } = setUp()
    const recipient = own(0, false)
    residents.checkpointed([recipient])
    assert.equal(recipient.hasRow, true)
    assert.equal(residents.byLsn(1)?.recipients[0], recipient)
    assert.equal(residents.dirty.size, 0)
  })
})

describe('a resident queue', () => {
  it('counts who is alive and who is owned', () => {
    const { residents, own } = setUp(5)
    const fresh = own(0, false)
    const known = own(1, true)
    const third = own(2, true)
    const queue = residents.queue('q')
    assert.equal(queue?.alive, 6)
    assert.equal(queue?.owned, 3)
    residents.finish(fresh, 9)
    residents.finish(known, 9)
    residents.giveBack(third, NOW)
    assert.equal(queue?.alive, 4)
    assert.equal(queue?.owned, 0)
  })

  it('knows when the first of those is due that the index does not know yet', () => {
    const { residents, own } = setUp()
    moves['defer']?.(residents, own(0, false))
    const given = own(1, false)
    residents.giveBack(given, NOW)
    const queue = residents.queue('q')
    assert.equal(queue?.unindexedDueAt, NOW)
    residents.checkpointed([given])
    assert.equal(queue?.unindexedDueAt, LATER)
  })
})
