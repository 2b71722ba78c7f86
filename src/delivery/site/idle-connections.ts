// SPDX-License-Identifier: Apache-2.0
/** Connections of a site that wait for work. Those that idle shortest go first, so that the others may end. */
import { type DurationMs, minutes, ms, seconds } from '../../base/brand.ts'
import type { DeliveryBudget } from '../delivery-budget.ts'
import type { WorkingConnection } from './batch-source.ts'
import type { PathShaper } from './path-shaper.ts'

/** A connection that waits for its path's pace is kept as long as this. */
const LONGEST_PACE = minutes(1)
const BEYOND_SLOT = seconds(1)

/** How long one is kept that may go on at `until`, monotonic: a while beyond, where others are kept for `idle`. */
export function pacedIdle(idle: DurationMs, until: DurationMs, now: DurationMs): DurationMs {
  return ms(Math.max(idle, Math.min(until - now + BEYOND_SLOT, LONGEST_PACE)))
}

export class IdleConnections {
  readonly #budget: DeliveryBudget
  readonly #idle: WorkingConnection[] = []

  constructor(budget: DeliveryBudget) {
    this.#budget = budget
  }

  park(connection: WorkingConnection): void {
    this.#idle.push(connection)
    this.#budget.idle(connection)
  }

  unpark(connection: WorkingConnection): void {
    this.#budget.busy(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
  }

  /** At most `most` of those whose path `maySend` go to work. Returns how many did. */
  resume(most: number, maySend: (shaper: PathShaper) => boolean): number {
    let resumed = 0
    for (let at = this.#idle.length - 1; at >= 0 && resumed < most; at--) {
      const connection = this.#idle[at]
      if (connection === undefined || !maySend(connection.shaper)) continue
      this.unpark(connection)
      connection.resume()
      resumed++
    }
    return resumed
  }

  /** At most so many, of one path. */
  close(most: number, shaper: PathShaper): void {
    if (most <= 0) return
    const closed = this.#idle.filter((each) => each.shaper === shaper)
    for (const connection of closed.slice(0, most)) connection.giveUp()
  }
}
