// SPDX-License-Identifier: Apache-2.0
/**
 * The line before the hashing of passwords: one at a time in a process, so that a flood of logins takes the memory of one. Who
 * finds the line full, or its network in it too often, is sent away at once.
 */
import { RelayError } from '../../base/errors.ts'
import { passwordLimits } from '../../base/limits/login-limits.ts'

export class HashLine {
  readonly #waiting = new Map<string, number>()
  #all = 0
  #last: Promise<unknown> = Promise.resolve()

  /** Throws `RLY_BUSY`. `network`: of who asks. */
  async run<T>(network: string, work: () => Promise<T>): Promise<T> {
    const own = this.#waiting.get(network) ?? 0
    if (this.#all >= passwordLimits.waiting || own >= passwordLimits.waitingPerNetwork)
      throw new RelayError('RLY_BUSY', 'too many log in at this moment; try again in a few seconds')
    this.#waiting.set(network, own + 1)
    this.#all++
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      this.#leave(network)
    }
  }

  #leave(network: string): void {
    this.#all--
    const left = (this.#waiting.get(network) ?? 1) - 1
    if (left === 0) this.#waiting.delete(network)
    else this.#waiting.set(network, left)
  }
}
