// SPDX-License-Identifier: Apache-2.0
/** Tells whoever wants to know how far the events of a journal are synced. It costs the writer a call when something was. */
import { type DurationMs, ms } from '../../base/brand.ts'
import { ChangeNotice } from '../../base/change-notice.ts'
import type { Clock } from '../../base/clock.ts'
import type { Cursor } from '../../events/cursor.ts'
import { type JournalId, lsn } from '../../events/ids.ts'

export interface SyncedPositionParts {
  readonly journal: JournalId
  /** Up to here every event is synced, and none may be taken back. */
  readonly syncedLsn: () => number
  readonly clock: Clock
  /** The least time between two tellings while little happens. */
  readonly pause: DurationMs
}

/** So many records since the last telling are much: then readers wait longer, and take more at once. */
const MUCH = 32
const LONGER = 4

export class SyncedPosition {
  readonly #parts: SyncedPositionParts
  readonly #synced = new ChangeNotice()

  constructor(parts: SyncedPositionParts) {
    this.#parts = parts
  }

  /** Something was synced. */
  wake(): void {
    this.#synced.announce()
  }

  async *follow(signal: AbortSignal): AsyncGenerator<Cursor> {
    const { journal, syncedLsn, clock, pause } = this.#parts
    let told = -1
    while (!signal.aborted) {
      const now = syncedLsn()
      if (now === told) await this.#synced.next(signal)
      else {
        const isMuch = now - told >= MUCH
        told = now
        yield new Map([[journal, lsn(now)]])
        if (pause > 0) await clock.sleep(isMuch ? ms(LONGER * pause) : pause, signal)
      }
    }
  }
}
