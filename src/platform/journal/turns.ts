// SPDX-License-Identifier: Apache-2.0
/**
 * One run at a time, shared: whoever asks gets a run that begins after the asking. Ten callers who come while one run
 * is under way share the next.
 */

export class Turns {
  readonly #work: () => Promise<void>
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  get isRunning(): boolean {
    return this.#running !== null
  }

  run(): Promise<void> {
    if (this.#next !== null) return this.#next
    if (this.#running === null) return this.#start()
    this.#next = this.#running.then(
      () => this.#start(),
      () => this.#start(),
    )
    return this.#next
  }

  /** When what is under way has ended, however it ended. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running.catch(() => undefined)
  }

  #start(): Promise<void> {
    this.#next = null
    this.#running = this.#work().finally(() => {
      this.#running = null
    })
    return this.#running
  }
}

/** The next turn of the event loop: what is ready now comes together. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
