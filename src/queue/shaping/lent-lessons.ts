// SPDX-License-Identifier: Apache-2.0
/**
 * A worker's side of what replies have taught: the ledger keeps it for all of them. What the worker hears goes with its next question; the
 * answer brings what has changed, by whomever it was heard. While nobody answers, what was learned last holds.
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { FlowIndex } from './flow-index.ts'
import { GATHER, type Lender } from './lending.ts'
import type { LearnedEntry } from './lesson-book.ts'
import { keyOf, type Learned, type Lessons, type Signal, type Taught } from './lessons.ts'

export interface LessonAsk {
  /** The last that the worker knows of; 0: nothing. */
  readonly version: number
  readonly signals: readonly Signal[]
}

export interface LessonAnswer {
  readonly version: number
  /** All of it, not only what has changed: what is not there is not known any more. */
  readonly isWhole: boolean
  readonly entries: readonly LearnedEntry[]
  /** What the signals of this worker came to. */
  readonly taught: readonly Taught[]
}

export class LentLessons implements Lessons {
  readonly #lender: Pick<Lender, 'want'>
  readonly #clock: Clock
  readonly #onTaught: (taught: Taught) => void
  readonly #learned = new Map<string, Learned>()
  readonly flows = new FlowIndex()
  #version = 0
  #complaints: Signal[] = []
  readonly #successes = new Map<string, Extract<Signal, { readonly kind: 'success' }>>()

  constructor(
    lender: Pick<Lender, 'want'>,
    clock: Clock,
    onTaught: (taught: Taught) => void = () => {},
  ) {
    this.#lender = lender
    this.#clock = clock
    this.#onTaught = onTaught
  }

  get version(): number {
    return this.#version
  }

  of(key: string): Learned | null {
    return this.#learned.get(key) ?? null
  }

  /** Complaints are told at once, successes with the next question. */
  hear(signal: Signal): void {
    if (signal.kind === 'complaint') {
      if (this.#complaints.length < shapingLimits.signalsPerQuestion) this.#complaints.push(signal)
      this.#lender.want(ms(this.#clock.monotonic() + GATHER) as DurationMs)
      return
    }
    const key = keyOf(signal.whom)
    const known = this.#successes.get(key)
    if (known === undefined && this.#successes.size >= shapingLimits.signalsPerQuestion) return
    this.#successes.set(key, { ...signal, count: signal.count + (known?.count ?? 0) })
  }

  /** For the next question; whatever becomes of it, it is not asked again. */
  ask(): LessonAsk {
    const signals = [...this.#complaints, ...this.#successes.values()]
    this.#complaints = []
    this.#successes.clear()
    return { version: this.#version, signals }
  }

  /** The question was not answered: it is asked again. */
  unheard({ signals }: LessonAsk): void {
    for (const signal of signals) this.hear(signal)
  }

  learn({ entries, isWhole, taught, version }: LessonAnswer): void {
    if (isWhole) {
      this.#learned.clear()
      this.flows.clear()
    }
    for (const { key, learned } of entries) {
      if (learned === null) this.#learned.delete(key)
      else this.#learned.set(key, learned)
      this.flows.set(key, learned)
    }
    this.#version = version
    for (const change of taught) this.#onTaught(change)
  }
}
