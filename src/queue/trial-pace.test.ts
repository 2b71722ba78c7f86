// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queueLimits } from '../base/limits/limits.ts'
import { TrialPace } from './trial-pace.ts'

const { trialLateMs, trialsLeast, trialsMost } = queueLimits

function paceAfter(intervals: readonly (readonly [number, boolean])[], pace = new TrialPace()) {
  for (const [lateMs, wasUsedUp] of intervals) pace.intervalEnded(lateMs, wasUsedUp)
  return pace
}

describe('The pace of trials', () => {
  it('grows while all are used and the process keeps up, to its bound', () => {
    const inTime = Array.from({ length: trialsMost }, () => [trialLateMs, true] as const)
    assert.ok(paceAfter(inTime.slice(0, 2)).allowed > new TrialPace().allowed)
    assert.equal(paceAfter(inTime).allowed, trialsMost)
  })

  it('does not grow where nobody waits for it', () => {
    assert.equal(paceAfter([[0, false]]).allowed, new TrialPace().allowed)
  })

  it('is halved when the process comes late, and never nothing', () => {
    const late = Array.from({ length: 20 }, () => [trialLateMs + 1, true] as const)
    const { allowed } = new TrialPace()
    assert.equal(
      paceAfter(late.slice(0, 1)).allowed,
      Math.max(trialsLeast, Math.floor(allowed / 2)),
    )
    assert.equal(paceAfter(late).allowed, trialsLeast)
  })
})
