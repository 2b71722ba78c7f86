// SPDX-License-Identifier: Apache-2.0
/** Wakes whoever waits for a change. Who looks first, and then waits without a turn in between, misses none. */

export class ChangeNotice {
  readonly #waiting = new Set<() => void>()

  announce(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** The next change, or the end of waiting. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
