// SPDX-License-Identifier: Apache-2.0
/**
 * A worker's questions to the ledger: one at a time, each for everything that is wanted by then, at least one every `RENEW`. It
 * knows whether somebody lends, or the worker is on its own (see `lending.ts`).
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { LeasedSlots } from './leased-slots.ts'
import type { AskLedger } from './ledger-messages.ts'
import { ALONE, GATHER, type Lender, RENEW, type WorkerSeat } from './lending.ts'
import { LentLessons } from './lent-lessons.ts'
import { LentRates } from './lent-rates.ts'
import type { Taught } from './lessons.ts'

type Standing =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'lent' }
  /** Monotonic. */
  | { readonly kind: 'alone'; readonly since: DurationMs; readonly until: DurationMs }

export class LedgerRounds implements Lender {
  readonly slots: LeasedSlots
  readonly rates: LentRates
  readonly lessons: LentLessons
  readonly #ask: AskLedger
  readonly #clock: Clock
  #standing: Standing = { kind: 'unknown' }
  #isAsking = false
  /** Of the next question, and when that is; monotonic. */
  #timer: Timer | null = null
  #asksAt = Number.POSITIVE_INFINITY
  #isStopped = false

  constructor(
    ask: AskLedger,
    clock: Clock,
    seat: WorkerSeat,
    onTaught: (taught: Taught) => void = () => {},
  ) {
    this.#ask = ask
    this.#clock = clock
    this.slots = new LeasedSlots(this, clock, seat)
    this.rates = new LentRates(this, clock, seat)
    this.lessons = new LentLessons(this, clock, onTaught)
    this.want(ms(clock.monotonic() + GATHER))
  }

  get isAlone(): boolean {
    const standing = this.#standing
    return standing.kind === 'alone' && standing.until > this.#clock.monotonic()
  }

  get aloneSince(): DurationMs {
    return this.#standing.kind === 'alone' ? this.#standing.since : this.#clock.monotonic()
  }

  want(at: DurationMs): void {
    if (this.#isAsking || this.#isStopped || at >= this.#asksAt) return
    this.#timer?.cancel()
    this.#asksAt = at
    const delay = Math.max(0, at - this.#clock.monotonic())
    this.#timer = this.#clock.after(ms(delay), () => void this.#round())
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    this.#asksAt = Number.POSITIVE_INFINITY
    this.#isAsking = true
    const lessons = this.lessons.ask()
    const ask = { connections: this.slots.asks(), rates: this.rates.asks(), lessons }
    try {
      const answer = await this.#ask(ask)
      this.#stand(answer.isLending)
      this.lessons.learn(answer.lessons)
      this.slots.learn(answer.connections)
      if (answer.isLending) this.rates.learn(answer.rates)
    } catch {
      // Nobody answers: control is being replaced.
      this.#stand(false)
      this.lessons.unheard(lessons)
    }
    this.#isAsking = false
    this.slots.wakeChanged()
    this.rates.wakeChanged()
    const now = this.#clock.monotonic()
    this.want(ms(Math.min(now + RENEW, this.rates.asksNextAt(now))))
  }

  #stand(isLent: boolean): void {
    const now = this.#clock.monotonic()
    if (isLent) this.#standing = { kind: 'lent' }
    else {
      const since = this.#standing.kind === 'alone' ? this.#standing.since : now
      this.#standing = { kind: 'alone', since, until: ms(now + ALONE) }
    }
  }
}
