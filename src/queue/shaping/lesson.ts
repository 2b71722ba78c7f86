// SPDX-License-Identifier: Apache-2.0
/**
 * One limit as replies have taught it: what is kept to while a receiver takes less than the rules allow. A complaint lowers it by half,
 * at once; what goes well raises it again in small steps, until the rules bind again. Nothing ends by time alone.
 *
 *             complaint              step                 the limit of the rules is reached
 *     free ─────────────▶ lowered ──────────▶ rising ──────────────────────────────────▶ free
 *                          ▲   └─ complaint    │  └─ step
 *                          └─────complaint─────┘
 *
 * Times are wall clock, since it outlives the process. Known limits: where the rules set no limit, it ends at twice the pace
 * of the first complaint.
 */
import { type Instant, minutes } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'

export const aspects = ['messageRate', 'connections', 'messagesPerConnection'] as const

/** Measured in messages a minute; in connections at once; in messages on one connection. */
export type Aspect = (typeof aspects)[number]

export type LessonState =
  | { readonly kind: 'free' }
  /** Since then nothing was raised. */
  | { readonly kind: 'lowered'; readonly value: number; readonly changedAt: Instant }
  | { readonly kind: 'rising'; readonly value: number; readonly changedAt: Instant }

export const allowedLessonStates = {
  free: ['lowered'],
  lowered: ['lowered', 'rising', 'free'],
  rising: ['lowered', 'rising', 'free'],
} as const satisfies Record<LessonState['kind'], readonly LessonState['kind'][]>

/** What a complaint says beside that it is one. */
export interface Heard {
  /** Of the rules; `null`: they set none. */
  readonly limit: number | null
  /** What went, as it was measured; `null`: nothing is known. */
  readonly observed: number | null
  /** So much the receiver did take: it is not lowered below. `null`: nothing is known. */
  readonly proven: number | null
}

/** `null` for what the rules alone decide. */
export interface LessonChange {
  readonly before: number | null
  readonly after: number | null
}

/** As it is kept over a restart. */
export interface KeptLesson {
  readonly aspect: Aspect
  readonly state: Exclude<LessonState, { readonly kind: 'free' }>
  readonly start: number
  readonly successes: number
}

/** Between two steps up. */
export const STEP_EVERY = minutes(5)
/** A step is this part of where it goes to. */
export const STEP_PARTS = 20
/** Proof for a step; less where the lesson allows less. */
const STEP_SUCCESSES = 10
const LOWERED_TO = 1 / 2
/** A message an hour, in messages a minute. */
const LEAST_RATE = 1 / 60
/** One message a minute still finds out whether more may go. */
const PROBING_RATE = 1

export class Lesson {
  readonly aspect: Aspect
  #state: LessonState = { kind: 'free' }
  /** What was too much at the first complaint. */
  #start = 0
  #successes = 0

  constructor(aspect: Aspect) {
    this.aspect = aspect
  }

  static restore({ aspect, start, state, successes }: KeptLesson): Lesson {
    const lesson = new Lesson(aspect)
    lesson.#state = state
    lesson.#start = start
    lesson.#successes = successes
    return lesson
  }

  get state(): LessonState {
    return this.#state
  }

  /** What may be sent; `null`: the rules alone decide. */
  get value(): number | null {
    return this.#state.kind === 'free' ? null : this.#state.value
  }

  /** `null` while it is free. */
  kept(): KeptLesson | null {
    if (this.#state.kind === 'free') return null
    return {
      aspect: this.aspect,
      state: this.#state,
      start: this.#start,
      successes: this.#successes,
    }
  }

  /** `null`: there is nothing left to lower. */
  complain(now: Instant, { limit, observed, proven }: Heard): LessonChange | null {
    const before = this.value
    // No more went than what is allowed by now: it was sent before that was known.
    if (before !== null && proven !== null && proven >= before) return null
    const floor = floorOf(this.aspect, limit)
    const allowed = Math.min(before ?? Number.POSITIVE_INFINITY, limit ?? Number.POSITIVE_INFINITY)
    const most = Math.max(floor, Math.min(allowed, observed ?? Number.POSITIVE_INFINITY))
    // Nothing is known of it: the next complaint will find more.
    const from = Number.isFinite(most) ? most : floor
    const half = Math.max(from * LOWERED_TO, Math.min(proven ?? 0, this.#below(from)))
    const value = Math.max(floor, this.#isWhole ? Math.floor(half) : half)
    if (before === null) this.#start = from
    this.#successes = 0
    this.#enter({ kind: 'lowered', value, changedAt: now })
    return before !== null && value >= before ? null : { before, after: value }
  }

  /** So many went well, sent after the last complaint. `null`: no step yet. */
  succeed(now: Instant, count: number, limit: number | null): LessonChange | null {
    const state = this.#state
    if (state.kind === 'free') return null
    // The clock was set back: the step counts from here.
    if (state.changedAt > now) this.#enter({ ...state, changedAt: now })
    this.#successes += count
    const before = state.value
    const ceiling = limit ?? 2 * this.#start
    if (before >= ceiling) return this.#release(before)
    if (now - state.changedAt < STEP_EVERY || this.#successes < this.#proof(before)) return null
    const step = ceiling / STEP_PARTS
    const value = before + (this.#isWhole ? Math.max(1, Math.floor(step)) : step)
    if (value >= ceiling) return this.#release(before)
    this.#successes = 0
    this.#enter({ kind: 'rising', value, changedAt: now })
    return { before, after: value }
  }

  #release(before: number): LessonChange {
    this.#successes = 0
    this.#enter({ kind: 'free' })
    return { before, after: null }
  }

  get #isWhole(): boolean {
    return this.aspect !== 'messageRate'
  }

  /** A rate that is hardly used must not rise for it. */
  #proof(value: number): number {
    if (this.#isWhole) return STEP_SUCCESSES
    const half = (value * STEP_EVERY) / minutes(1) / 2
    return Math.max(1, Math.min(STEP_SUCCESSES, Math.floor(half)))
  }

  #below(value: number): number {
    return this.#isWhole ? value - 1 : value * LOWERED_TO
  }

  /** The only place where the state changes. */
  #enter(to: LessonState): void {
    const from = this.#state.kind
    invariant(
      (allowedLessonStates[from] as readonly string[]).includes(to.kind),
      `a lesson does not go from ${from} to ${to.kind}`,
    )
    this.#state = to
  }
}

/** Never lower: something must go to learn anything. */
export function floorOf(aspect: Aspect, limit: number | null): number {
  if (aspect !== 'messageRate') return 1
  const least = Math.min(PROBING_RATE, (limit ?? Number.POSITIVE_INFINITY) / STEP_PARTS)
  return Math.max(LEAST_RATE, least)
}
