// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../base/brand.ts'
import {
  allowedSourceStates,
  newSource,
  type SourceState,
  type SourceStateName,
  sourceIn,
  sourceStates,
  stopOf,
} from './source.ts'

const NOW = instant(1_700_000_000_000)

const inState: Record<SourceStateName, SourceState> = {
  active: { kind: 'active' },
  resting: { kind: 'resting', until: null, reason: 'listed', by: 'anna' },
  draining: { kind: 'draining', reason: 'replaced', by: 'anna' },
  drained: { kind: 'drained', reason: 'replaced', by: 'anna' },
}

describe('A source', () => {
  it('goes only where the table of transitions lets it, and says what to do first', () => {
    for (const from of sourceStates)
      for (const to of sourceStates) {
        const record = { ...newSource('out-1', NOW), state: inState[from] }
        const isAllowed = (allowedSourceStates[from] as readonly string[]).includes(to)
        if (isAllowed) assert.equal(sourceIn(record, inState[to], NOW).state.kind, to)
        else
          assert.throws(() => sourceIn(record, inState[to], NOW), {
            code: 'RLY_RECORD_INVALID',
            message: from === 'active' ? 'out-1 is active' : `out-1 is ${from}: resume it first`,
          })
      }
  })

  it('says who stopped it and why, unless it sends', () => {
    assert.equal(stopOf(inState.active), null)
    assert.deepEqual(stopOf(inState.resting), { by: 'anna', why: 'the source is resting: listed' })
  })
})
