// SPDX-License-Identifier: Apache-2.0
/**
 * What clients make this process keep in memory, counted by those who keep it. The system's own figure would not do: it
 * comes late, and stays high long after what was kept is let go.
 *
 *            3/4 held          all held
 *     ample ─────────▶ scarce ─────────▶ none
 *       ◀───────────────  ◀───────────────
 *            5/8 held         3/4 held
 *
 * While it is scarce, what has begun may go on and nothing new begins; with none left, nothing that is kept may grow.
 */

export type Room = 'ample' | 'scarce' | 'none'

const SCARCE_FROM = 3 / 4
const AMPLE_BELOW = 5 / 8

export class MemoryBudget {
  readonly limit: number
  readonly #onRoom: (room: Room) => void
  #held = 0
  #room: Room = 'ample'

  /** `onRoom` is told of each change. */
  constructor(limit: number, onRoom: (room: Room) => void = () => {}) {
    this.limit = limit
    this.#onRoom = onRoom
  }

  get held(): number {
    return this.#held
  }

  get room(): Room {
    return this.#room
  }

  /** For one who keeps something. */
  share(): MemoryShare {
    return new MemoryShare(this)
  }

  /** Called by a share. */
  change(by: number): void {
    this.#held += by
    const room = this.#roomNow()
    if (room === this.#room) return
    this.#room = room
    this.#onRoom(room)
  }

  #roomNow(): Room {
    if (this.#held >= this.limit) return 'none'
    if (this.#held >= this.limit * SCARCE_FROM) return this.#room === 'none' ? 'none' : 'scarce'
    if (this.#held < this.limit * AMPLE_BELOW) return 'ample'
    return this.#room === 'ample' ? 'ample' : 'scarce'
  }
}

/** What one of those who share a budget keeps. */
export class MemoryShare {
  readonly #budget: MemoryBudget
  #octets = 0

  constructor(budget: MemoryBudget) {
    this.#budget = budget
  }

  get room(): Room {
    return this.#budget.room
  }

  /** From now on so much, instead of what it was. `false`: that is more than before, and there is no room for it. */
  hold(octets: number): boolean {
    const by = octets - this.#octets
    if (by === 0) return true
    this.#octets = octets
    this.#budget.change(by)
    return by < 0 || this.#budget.room !== 'none'
  }
}
