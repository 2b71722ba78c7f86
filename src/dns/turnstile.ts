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

  /**
   * Runs `work` when it is its turn; `null` at once where the line is full. It is inside until it ends, or until it
   * calls `leave`, where it need not keep others out any longer.
   */
  async pass<T>(work: (leave: () => void) => Promise<T>): Promise<T | null> {
    if (this.#inside < this.#capacity) this.#inside++
    else if (this.#line.size >= this.#longestLine) return null
    else await new Promise<void>((resolve) => this.#line.push(resolve))
    let hasLeft = false
    const leave = (): void => {
      if (!hasLeft) this.#leave()
      hasLeft = true
    }
    try {
      return await work(leave)
    } finally {
      leave()
    }
  }

  /** Who leaves hands the place to the next in line. */
  #leave(): void {
    const next = this.#line.shift()
    if (next) next()
    else this.#inside--
  }
}
