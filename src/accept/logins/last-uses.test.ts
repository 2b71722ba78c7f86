// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { LastUses } from './last-uses.ts'

function rig() {
  const clock = new ManualClock()
  const uses = new LastUses(clock)
  const taken = (isEnd = false) =>
    uses.take(isEnd).map(({ id, at, address }) => `${id} ${at % 3_600_000} ${address}`)
  return { clock, uses, taken }
}

test('A use is known to the minute, with the address of the first in it, and written once', () => {
  const { clock, taken, uses } = rig()
  const start = clock.now()
  clock.advance(seconds(59))
  uses.note('KEY', '192.0.2.1')
  uses.note('KEY', '192.0.2.2')
  const minute = (Math.floor((start + 59_000) / 60_000) * 60_000) % 3_600_000
  assert.deepEqual(taken(), [`KEY ${minute} 192.0.2.1`])
  assert.deepEqual(taken(), [])
})

test('What is used all the time is written every five minutes, and at the end', () => {
  const { clock, taken, uses } = rig()
  let writes = 0
  for (let count = 0; count < 60; count++) {
    uses.note('KEY', `192.0.2.${count}`)
    writes += taken().length
    clock.advance(minutes(1))
  }
  assert.equal(writes, 12)
  clock.advance(minutes(1))
  uses.note('KEY', '192.0.2.99')
  assert.equal(taken().length, 1)
  clock.advance(minutes(1))
  uses.note('KEY', '192.0.2.100')
  assert.deepEqual(taken(), [])
  assert.match(taken(true)[0] ?? '', /192\.0\.2\.100$/)
})

test('What could not be written is written the next time', () => {
  const { taken, uses } = rig()
  uses.note('KEY', '192.0.2.1')
  const [use] = uses.take(false)
  assert.ok(use)
  uses.putBack([use])
  assert.equal(taken().length, 1)
})
