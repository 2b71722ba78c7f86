// SPDX-License-Identifier: Apache-2.0
/** How far long work is: a line on standard error that is drawn over, where a person looks on; else nothing. */
import type { Terminal } from './terminal.ts'

export class Progress {
  readonly #terminal: Terminal
  readonly #total: number | null
  #done = 0
  #isDrawn = false

  /** `total`: of what is advanced by; `null`: nobody knows. */
  constructor(terminal: Terminal, total: number | null) {
    this.#terminal = terminal
    this.#total = total
  }

  advance(by: number, text: string): void {
    this.#done += by
    const share =
      this.#total === null || this.#total === 0
        ? ''
        : `${Math.min(100, Math.floor((100 * this.#done) / this.#total))} %  `
    this.#terminal.draw(`${share}${text}`)
    this.#isDrawn = true
  }

  end(): void {
    if (this.#isDrawn) this.#terminal.draw('')
  }
}
