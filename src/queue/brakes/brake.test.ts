// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant, minutes, plus } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import { allowedBrakeStates, Brake, type BrakeState } from './brake.ts'

const START = instant(1_000_000)
const LATER = plus(START, minutes(10))

/** A brake in each state, by the ways that lead there. */
const inState: Record<BrakeState['kind'], () => Brake> = {
  watching: () => new Brake(),
  holding: () => {
    const brake = new Brake()
    brake.hold(START)
    return brake
  },
  passing: () => {
    const brake = new Brake()
    brake.confirm(LATER)
    return brake
  },
}

/** What leads to each state, or leaves the brake as it is where the table forbids that. */
const steps: Record<BrakeState['kind'], (brake: Brake) => void> = {
  watching: (brake) => void brake.release(),
  holding: (brake) => void brake.hold(START),
  passing: (brake) => brake.confirm(LATER),
}

describe('A brake', () => {
  it('goes only where the table of transitions lets it', () => {
    for (const from of Object.keys(inState) as BrakeState['kind'][])
      for (const to of Object.keys(steps) as BrakeState['kind'][]) {
        const brake = inState[from]()
        const allowed: readonly string[] = allowedBrakeStates[from]
        try {
          steps[to](brake)
        } catch (thrown) {
          assert.ok(thrown instanceof InvariantError)
        }
        const reached = brake.state(START).kind
        const expected = allowed.includes(to) ? to : from
        assert.equal(reached, expected, `${from} to ${to}`)
      }
  })

  it('says what a step did', () => {
    const brake = new Brake()
    assert.equal(brake.release(), false)
    assert.equal(brake.hold(START), true)
    assert.equal(brake.hold(LATER), false)
    assert.deepEqual(brake.state(LATER), { kind: 'holding', since: START })
    assert.equal(brake.release(), true)
  })

  it('watches again once a confirmation is over', () => {
    const brake = inState.passing()
    assert.equal(brake.hold(plus(START, minutes(9))), false)
    assert.equal(brake.state(LATER).kind, 'watching')
    assert.equal(brake.hold(LATER), true)
  })
})
