// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleDomain } from '../../test/support/sample-domains.ts'
import { days, hours, instant, minutes, ms, plus } from '../base/brand.ts'
import { SeededRandom } from '../base/random.ts'
import { type CheckupOutcome, nextCheckAt } from './checkup-schedule.ts'

const NOW = instant(Date.UTC(2026, 5, 1))
const verified = sampleDomain('shop.example', {
  state: 'verified',
  createdAt: plus(NOW, ms(-days(400))),
})
const quiet: CheckupOutcome = { domain: verified, absences: [], findings: new Map() }
const silent: CheckupOutcome['findings'] = new Map([['spf', { state: 'unknown', why: 'silence' }]])
const pendingFor = (age: number) => ({
  ...quiet,
  domain: sampleDomain('shop.example', { createdAt: instant(NOW - age) }),
})

describe('The next look at a domain', () => {
  for (const [what, outcome, expected] of [
    ['that is verified', quiet, hours(6)],
    ['that was added just now', pendingFor(minutes(1)), minutes(2)],
    ['that was added today', pendingFor(hours(5)), minutes(15)],
    ['that was added this week', pendingFor(days(5)), hours(1)],
    ['that its owner forgot', pendingFor(days(90)), hours(12)],
    ['that is failing', { ...quiet, domain: { ...verified, state: 'failing' } }, hours(1)],
    [
      'of which something has gone',
      { ...quiet, absences: [{ kind: 'spf', since: NOW, times: 1 }] },
      minutes(20),
    ],
    ['whose name server is silent', { ...quiet, findings: silent }, minutes(15)],
    [
      'whose keys are to change',
      { ...quiet, domain: { ...verified, rotationAskedAt: NOW } },
      minutes(2),
    ],
  ] as const)
    it(`${what} is after ${expected / 60_000} minutes or so, and never at the same time for all`, () => {
      const random = new SeededRandom(1)
      const waits = Array.from({ length: 200 }, () => nextCheckAt(outcome, NOW, random) - NOW)
      assert.ok(waits.every((wait) => wait >= 0.8 * expected && wait <= 1.2 * expected))
      assert.ok(Math.max(...waits) > 1.1 * expected && Math.min(...waits) < 0.9 * expected)
    })
})
