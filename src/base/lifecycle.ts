// SPDX-License-Identifier: Apache-2.0
/**
 * Background work that a shutdown can wait for. Nothing in the program leaves a promise
 * un-awaited but through `background`; what it rejects with is a bug or a failed disk, and goes
 * to `onFailure`.
 */

export class Lifecycle {
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  readonly #onFailure: (name: string, thrown: unknown) => void

  constructor(onFailure: (name: string, thrown: unknown) => void) {
    this.#onFailure = onFailure
  }

  /** Aborts when the stop begins. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  get isStopping(): boolean {
    return this.#stop.signal.aborted
  }

  /** Runs `work` beside everything else; `name` is said when it fails. */
  background(name: string, work: () => Promise<void>): void {
    const running = work()
      .catch((thrown: unknown) => this.#onFailure(name, thrown))
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Aborts `signal` and waits until all background work has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}
