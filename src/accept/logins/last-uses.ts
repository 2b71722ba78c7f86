// SPDX-License-Identifier: Apache-2.0
/** When credentials and keys were used last, in memory: to the minute, and what is to be written of it now and then. */
import { type Instant, instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { lastUseLimits } from '../../base/limits/login-limits.ts'
import type { LastUse } from '../../records/credentials/last-use.ts'

const { known: MOST, roundedToMs: MINUTE_MS, writeEveryMs: WRITE_EVERY_MS } = lastUseLimits

interface Known {
  at: Instant
  address: string
  /** What is in the records; 0: nothing. */
  writtenAt: number
}

export class LastUses {
  readonly #clock: Pick<Clock, 'now'>
  readonly #byId = new Map<string, Known>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  note(id: string, address: string): void {
    const now = this.#clock.now()
    const known = this.#byId.get(id)
    if (known === undefined) {
      if (this.#byId.size >= MOST) return
      this.#byId.set(id, { at: minuteOf(now), address, writtenAt: 0 })
    } else if (now - known.at >= MINUTE_MS) {
      known.at = minuteOf(now)
      known.address = address
    }
  }

  /** Those that are new, or were written long enough ago; at the `isEnd` all that are not written. */
  take(isEnd: boolean): readonly LastUse[] {
    const taken: LastUse[] = []
    for (const [id, known] of this.#byId) {
      const { address, at, writtenAt } = known
      if (at <= writtenAt || (!isEnd && at - writtenAt < WRITE_EVERY_MS)) continue
      known.writtenAt = at
      taken.push({ id, at, address })
    }
    return taken
  }

  /** They could not be written. */
  putBack(uses: readonly LastUse[]): void {
    for (const { id } of uses) {
      const known = this.#byId.get(id)
      if (known !== undefined) known.writtenAt = 0
    }
  }
}

function minuteOf(now: Instant): Instant {
  return instant(Math.floor(now / MINUTE_MS) * MINUTE_MS)
}
