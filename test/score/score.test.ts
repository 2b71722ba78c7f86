// SPDX-License-Identifier: Apache-2.0
/** What the rules must reach on real replies and reports; `npm run score` lists what they miss. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classify } from '../../src/protocol/classify/classify.ts'
import { bounceVerdicts } from './bounces.ts'
import { replySamples } from './samples.ts'
import { judge, scoreOf, type Verdict } from './verdicts.ts'

const LEAST_RIGHT = 0.92

function assertGood(verdicts: readonly Verdict[], mostHarmful: number): void {
  const { right, of, harmful } = scoreOf(verdicts)
  assert.ok(right / of >= LEAST_RIGHT, `${right} of ${of} right`)
  assert.ok(harmful <= mostHarmful, `${harmful} suppressed that must not be`)
}

test('The class of a real reply is nearly always right, and a wrong one hardly ever suppresses', () => {
  const samples = replySamples()
  if (samples !== null)
    assertGood(
      judge(samples, (refusal) => classify(refusal)),
      1,
    )
})

test('So is that of a bounce mail', () => {
  const verdicts = bounceVerdicts()
  if (verdicts !== null) assertGood(verdicts, 2)
})
