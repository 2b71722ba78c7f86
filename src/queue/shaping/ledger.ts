// SPDX-License-Identifier: Apache-2.0
/** What workers borrow from: one for all of them, in the control process. See `lending.ts` for its states. */
import { type DurationMs, type Instant, ms } from '../../base/brand.ts'
import { ConnectionLedger } from './connection-ledger.ts'
import type { LedgerAnswer, LedgerAsk } from './ledger-messages.ts'
import { ALONE, KNOWS_ALL, SILENCE } from './lending.ts'
import type { LessonAnswer, LessonAsk } from './lent-lessons.ts'
import type { LessonBook } from './lesson-book.ts'
import type { Signal } from './lessons.ts'
import { RateLedger } from './rate-ledger.ts'

export class Ledger {
  readonly #workers: number
  readonly #connections: ConnectionLedger
  readonly #lessons: LessonBook
  #rates: RateLedger
  #lendsFrom: DurationMs
  #heardAt: DurationMs

  constructor(workers: number, startedAt: DurationMs, lessons: LessonBook) {
    this.#workers = workers
    this.#lessons = lessons
    this.#connections = new ConnectionLedger(workers)
    this.#heardAt = startedAt
    this.#lendsFrom = ms(startedAt + KNOWS_ALL)
    this.#rates = this.#emptyRates()
  }

  /** `now`: monotonic; `at`: the same, of the wall clock. */
  ask(
    worker: number,
    { connections, lessons, rates }: LedgerAsk,
    now: DurationMs,
    at: Instant,
  ): LedgerAnswer {
    if (now - this.#heardAt > SILENCE) {
      this.#lendsFrom = ms(now + KNOWS_ALL)
      this.#rates = this.#emptyRates()
    }
    this.#heardAt = now
    const isLending = now >= this.#lendsFrom
    return {
      isLending,
      connections: this.#connections.ask(worker, connections, now, now >= this.#aloneUntil),
      rates: isLending ? this.#rates.ask(worker, rates, now) : [],
      lessons: this.#teach(worker, lessons, at),
    }
  }

  #teach(worker: number, { signals, version }: LessonAsk, at: Instant): LessonAnswer {
    const taught = signals.flatMap((signal) => this.#lessons.hear(this.#ofAll(worker, signal), at))
    const isWhole = !this.#lessons.knows(version)
    const entries = this.#lessons.changedSince(version)
    return { version: this.#lessons.version, isWhole, entries, taught }
  }

  /** A worker measures what goes through its own connections; those of the others are as busy. */
  #ofAll(worker: number, signal: Signal): Signal {
    if (signal.kind === 'success' || signal.whom.kind !== 'path') return signal
    if (signal.aspect === 'messagesPerConnection') return signal
    const { site, source } = signal.whom
    const times = this.#connections.timesOwn(worker, `connections ${source} ${site}`)
    const { limit, observed, proven } = signal.heard
    const heard = { limit, observed: timed(observed, times), proven: timed(proven, times) }
    return { ...signal, heard }
  }

  /** A worker on its own may go on so long after it was last told that nobody lends. */
  get #aloneUntil(): DurationMs {
    return ms(this.#lendsFrom + ALONE)
  }

  #emptyRates(): RateLedger {
    return new RateLedger(this.#workers, this.#aloneUntil)
  }
}

function timed(measured: number | null, times: number): number | null {
  return measured === null ? null : measured * times
}
