// SPDX-License-Identifier: Apache-2.0
/** However many guess, the journal hears of it now and then; those in between are counted. */
import type { Clock } from '../../base/clock.ts'
import { loginLimits } from '../../base/limits/limits.ts'
import type { Slug } from '../../records/records.ts'

/** One sentence with the numbers, and whose credential or person it is, if it is one. */
export type OnGuessing = (text: string, tenant: Slug | null) => void

export class GuessNotice {
  readonly #clock: Clock
  readonly #onGuessing: OnGuessing
  #toldAt = Number.NEGATIVE_INFINITY
  #untold = 0

  constructor(clock: Clock, onGuessing: OnGuessing) {
    this.#clock = clock
    this.#onGuessing = onGuessing
  }

  /** `what`: what is guessed, and from where; `then`: what comes of it. */
  tell(what: string, then: string, tenant: Slug | null): void {
    const now = this.#clock.monotonic()
    if (now - this.#toldAt < loginLimits.eventPauseMs) {
      this.#untold++
      return
    }
    const others = this.#untold === 0 ? '' : `, and ${this.#untold} others before`
    this.#toldAt = now
    this.#untold = 0
    this.#onGuessing(`${what}${others}: ${then}`, tenant)
  }
}
