// SPDX-License-Identifier: Apache-2.0
/** A warm-up of a test, and the clock that it goes by. */
import { type Instant, instant, minutes, plus } from '../../src/base/brand.ts'
import type { WarmUpSchedule } from '../../src/queue/warm-up/schedule.ts'
import { DAY_MS, type SignalKind } from '../../src/queue/warm-up/signals.ts'
import { defaultPolicy } from '../../src/queue/warm-up/thresholds.ts'
import { WarmUp } from '../../src/queue/warm-up/warm-up.ts'
import type { Decision } from '../../src/queue/warm-up/warm-up-state.ts'

export const START = instant(Date.UTC(2026, 0, 5))
export const place = { source: 'out-1', provider: 'outlook' }
export const schedule: WarmUpSchedule = {
  name: 'test',
  origin: 'this test',
  allowances: [200, 500, 1_000, 2_000, 5_000, 10_000],
}

/** A warm-up and the time. */
export class Stage {
  now: Instant = START
  readonly warmUp: WarmUp
  readonly said: Decision[] = []

  constructor(stage = 0) {
    this.warmUp = WarmUp.start(place, schedule, defaultPolicy, START, stage)
  }

  /** Ten minutes at a time, up to `until`; `answers` of each. */
  until(until: Instant, answers: Partial<Record<SignalKind, number>> = {}): readonly Decision[] {
    const before = this.said.length
    const steps = Math.round((until - this.now) / minutes(10))
    const debt = new Map<SignalKind, number>()
    for (let step = 1; step <= steps; step++) {
      for (const [kind, all] of Object.entries(answers) as [SignalKind, number][]) {
        const sum = (debt.get(kind) ?? 0) + all / steps
        const whole = Math.floor(sum + 1e-9)
        debt.set(kind, sum - whole)
        if (whole > 0)
          this.warmUp.signals.note(kind, this.now, whole, kind === 'deferred' ? 'S3150' : null)
      }
      this.now = plus(this.now, minutes(10))
      this.said.push(...this.warmUp.check(this.now))
    }
    return this.said.slice(before)
  }

  day(answers: Partial<Record<SignalKind, number>>): readonly Decision[] {
    return this.until(instant((Math.floor(this.now / DAY_MS) + 1) * DAY_MS), answers)
  }
}
