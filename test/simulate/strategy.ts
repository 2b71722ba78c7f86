// SPDX-License-Identifier: Apache-2.0
/** What decides how much may go: nothing, a table that goes by time, SparkPost's rule, ours. */
import type { Instant } from '../../src/base/brand.ts'
import { allowanceAt, type WarmUpSchedule } from '../../src/queue/warm-up/schedule.ts'
import { DAY_MS, dayOf, type SignalKind } from '../../src/queue/warm-up/signals.ts'
import type { WarmUpPolicy } from '../../src/queue/warm-up/thresholds.ts'
import { WarmUp } from '../../src/queue/warm-up/warm-up.ts'

export interface Strategy {
  readonly name: string
  /** Messages a day, as of now; `null`: no limit. */
  readonly allowance: number | null
  /** Whether the most engaged of a list go first. */
  readonly prefersEngaged: boolean
  note(kind: SignalKind, at: Instant, count: number, code: string | null): void
  /** Every ten minutes; what it decided, in words. */
  check(now: Instant): readonly { readonly kind: string; readonly text: string }[]
}

export function noStrategy(): Strategy {
  return { name: 'none', allowance: null, prefersEngaged: false, note: () => {}, check: () => [] }
}

/** A stage a day, whatever happens. */
export class Table implements Strategy {
  readonly name: string
  readonly prefersEngaged = false
  readonly #schedule: WarmUpSchedule
  readonly #start: number
  allowance: number

  constructor(schedule: WarmUpSchedule, start: Instant) {
    this.name = schedule.name
    this.#schedule = schedule
    this.#start = dayOf(start)
    this.allowance = allowanceAt(schedule, 0)
  }

  note(): void {}

  check(now: Instant): readonly [] {
    this.allowance = allowanceAt(this.#schedule, dayOf(now) - this.#start)
    return []
  }
}

/** SparkPost's: the next stage when 90 % of this one was delivered, else the same again. */
export class DeliveredRule implements Strategy {
  readonly name = 'sparkpost-rule'
  readonly prefersEngaged = false
  readonly #schedule: WarmUpSchedule
  #day: number
  #stage = 0
  #delivered = 0

  constructor(schedule: WarmUpSchedule, start: Instant) {
    this.#schedule = schedule
    this.#day = dayOf(start)
  }

  get allowance(): number {
    return allowanceAt(this.#schedule, this.#stage)
  }

  note(kind: SignalKind, _at: Instant, count: number): void {
    if (kind === 'delivered') this.#delivered += count
  }

  check(now: Instant): readonly { readonly kind: string; readonly text: string }[] {
    if (dayOf(now) === this.#day) return []
    const isThrough = this.#delivered >= 0.9 * this.allowance
    const text = `${this.#delivered} of ${this.allowance} delivered`
    this.#day = dayOf(now)
    this.#delivered = 0
    if (!isThrough) return [{ kind: 'repeated', text }]
    this.#stage++
    return [{ kind: 'advanced', text }]
  }
}

/** The program's own, as it runs. */
export class OwnStrategy implements Strategy {
  readonly name = 'posthaste'
  readonly prefersEngaged: boolean
  readonly #warmUp: WarmUp

  constructor(
    schedule: WarmUpSchedule,
    policy: WarmUpPolicy,
    start: Instant,
    prefersEngaged = true,
  ) {
    const place = { source: 'out-1', provider: 'provider' }
    this.#warmUp = WarmUp.start(place, schedule, policy, start)
    this.prefersEngaged = prefersEngaged
  }

  get allowance(): number | null {
    return this.#warmUp.allowance
  }

  note(kind: SignalKind, at: Instant, count: number, code: string | null): void {
    this.#warmUp.signals.note(kind, at, count, code)
  }

  check(now: Instant) {
    return this.#warmUp.check(now)
  }
}

/** Whole days since `start`, from 0. */
export function daysSince(start: Instant, now: Instant): number {
  return Math.floor((now - start) / DAY_MS)
}
