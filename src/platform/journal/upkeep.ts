// SPDX-License-Identifier: Apache-2.0
/** Frees the disk in the background: segments and content files that may go, segments that are mostly dead, room in the index. */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type CompactionParts, compact } from './compaction.ts'
import { type OrphanParts, settleOrphans } from './orphans.ts'
import { sweep } from './retention.ts'
import { nextTurn, Turns } from './turns.ts'

const FIRST_MS = 5_000

export interface UpkeepOptions extends CompactionParts, OrphanParts {
  /** Content files that the index did not know at the start. */
  readonly orphans: ReadonlySet<string>
  /** The disk's trouble is known, and was said. */
  readonly isInTrouble: () => boolean
  readonly clock: Clock
  readonly log: Log
  readonly every: DurationMs
}

export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #turns: Turns
  #orphans: ReadonlySet<string>
  #timer: Timer | null = null
  /** What the last round failed with: it is said once. */
  #complaint: string | null = null

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#orphans = options.orphans
    this.#turns = new Turns(() => this.#round())
  }

  /** The first time soon: a relay that does not live long frees its disk too. */
  start(): void {
    this.#runIn(ms(Math.min(FIRST_MS, this.#options.every)))
  }

  run(): Promise<void> {
    return this.#turns.run()
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = null
    await this.#turns.idle()
  }

  async #round(): Promise<void> {
    const options = this.#options
    await settleOrphans(options, this.#orphans, options.clock.now())
    this.#orphans = new Set()
    await sweep(options, options.clock.now())
    await compact(options, options.clock.now())
    while (options.writer.shrink()) await nextTurn()
  }

  async #tick(): Promise<void> {
    try {
      await this.run()
      this.#complaint = null
    } catch (thrown) {
      // The disk, or a full one; it is tried again.
      const why = messageOf(thrown)
      const isNew = why !== this.#complaint && !this.#options.isInTrouble()
      if (isNew) this.#options.log.warn({ why }, 'the disk was not freed')
      this.#complaint = why
    }
    if (this.#timer !== null) this.#runIn(this.#options.every)
  }

  #runIn(delay: DurationMs): void {
    this.#timer = this.#options.clock.after(delay, () => void this.#tick())
  }
}
