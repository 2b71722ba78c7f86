// SPDX-License-Identifier: Apache-2.0
/** Whom a round kills. */
import type { Random } from '../../src/base/random.ts'

/** All processes of the relay at once. */
export const EVERYTHING = 'everything'
/** Alone: its workers and control notice, drain and end. */
export const SUPERVISOR = 'the supervisor'

const SHARES = { everything: 0.12, supervisor: 0.08 }
/** So many rounds after the last one at the latest, everything is killed. */
const ROUNDS_BETWEEN = 10

export class VictimChoice {
  readonly #chance: Random
  readonly #workers: number
  #rounds = 0

  constructor(chance: Random, workers: number) {
    this.#chance = chance
    this.#workers = workers
  }

  /** `members`: workers and control. */
  next(members: readonly string[]): string {
    if (this.#workers === 1) return EVERYTHING
    const drawn = this.#chance.fraction()
    if (++this.#rounds === ROUNDS_BETWEEN || drawn < SHARES.everything) {
      this.#rounds = 0
      return EVERYTHING
    }
    if (drawn < SHARES.everything + SHARES.supervisor) return SUPERVISOR
    const at = Math.floor(this.#chance.fraction() * members.length)
    return members[at] ?? EVERYTHING
  }
}
