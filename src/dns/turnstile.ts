// SPDX-License-Identifier: Apache-2.0
/** Lets a bounded number through at once; the others wait in order, and a bounded number of them. */
import { Ring } from '../base/ring.ts'

export class Turnstile {
  readonly #capacity: number
  readonly #longestLine: number
  readonly #line = new Ring<() => void>()
  #inside = 0

  constructor(capacity: number, longestLine: number) {
    this.#capacity = capacity
    this.#longestLine = longestLine
  }

  /** Runs `work` when it is its turn; `null` at once where the line is full. */
  async pass<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#inside < this.#capacity) this.#inside++
    else if (this.#line.size >= this.#longestLine) return null
    else await new Promise<void>((resolve) => this.#line.push(resolve))
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** Who leaves hands the place to the next in line. */
  #leave(): void {
    const next = this.#line.shift()
    if (next) next()
    else this.#inside--
  }
}
