// SPDX-License-Identifier: Apache-2.0
/**
 * Deficit round robin (Shreedhar and Varghese 1995), as surplus round robin: who has credit goes, and pays afterwards, since what a
 * transaction costs is known only then; who has overdrawn sits out. While two of the same weight wait, what they were given differs by no more than
 * what one transaction can cost, and one.
 */
import { Ring } from '../base/ring.ts'

/** One of those that take turns. */
export interface TurnTaker {
  /** What it may still have before the turn is another's. */
  credit: number
  /** Turns that it has while another has one, at least 1. */
  readonly weight: number
}

export class FairTurns<T extends TurnTaker> {
  /** Whose turn it is stands first. */
  readonly #line = new Ring<T>()

  get size(): number {
    return this.#line.size
  }

  /** It waits, and did not before. What it has overdrawn it still owes. */
  join(taker: T): void {
    taker.credit = Math.min(taker.weight, taker.credit + taker.weight)
    this.#line.push(taker)
  }

  /** Whose turn it is; `null`: nobody waits. */
  next(): T | null {
    return this.#firstWithCredit() ?? this.#afterRounds()
  }

  /** It was given `cost`. */
  pay(taker: T, cost: number): void {
    taker.credit -= cost
    if (taker.credit <= 0 && this.#line.peek() === taker) this.#pass()
  }

  /** It waits no more. */
  leave(taker: T): void {
    // Most leave when they were given their last.
    if (this.#line.at(this.#line.size - 1) === taker) {
      this.#line.pop()
      return
    }
    for (let left = this.#line.size; left > 0; left--) {
      const first = this.#line.shift()
      if (first !== undefined && first !== taker) this.#line.push(first)
    }
  }

  /** In the order of their turns, from 0. */
  at(index: number): T | undefined {
    return this.#line.at(index)
  }

  *[Symbol.iterator](): IterableIterator<T> {
    yield* this.#line
  }

  #pass(): void {
    const first = this.#line.shift()
    if (first === undefined) return
    first.credit += first.weight
    this.#line.push(first)
  }

  #firstWithCredit(): T | null {
    for (let passed = 0; passed < this.#line.size; passed++) {
      const first = this.#line.peek()
      if (first !== undefined && first.credit > 0) return first
      this.#pass()
    }
    return null
  }

  /** All have overdrawn by more than a round gives back: as many rounds as it takes pass at once. */
  #afterRounds(): T | null {
    let rounds = Number.POSITIVE_INFINITY
    for (const { credit, weight } of this.#line)
      rounds = Math.min(rounds, Math.max(0, Math.floor(-credit / weight) + 1))
    if (!Number.isFinite(rounds)) return null
    for (const taker of this.#line) taker.credit += rounds * taker.weight
    return this.#firstWithCredit()
  }
}
