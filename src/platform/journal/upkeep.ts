// SPDX-License-Identifier: Apache-2.0
/** Frees the disk in the background: segments and content files that may go, segments that are mostly dead. */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type CompactionParts, compact } from './compaction.ts'
import { sweep } from './retention.ts'
import { Turns } from './turns.ts'

const FIRST_MS = 5_000

export interface UpkeepOptions extends CompactionParts {
  readonly clock: Clock
  readonly log: Log
  readonly every: DurationMs
}

export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #turns: Turns
  #timer: Timer | null = null

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#turns = new Turns(async () => {
      await sweep(options, options.clock.now())
      await compact(options, options.clock.now())
    })
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

  async #tick(): Promise<void> {
    try {
      await this.run()
    } catch (thrown) {
      // The disk, or a full one; it is tried again.
      this.#options.log.warn({ why: messageOf(thrown) }, 'the disk was not freed')
    }
    if (this.#timer !== null) this.#runIn(this.#options.every)
  }

  #runIn(delay: DurationMs): void {
    this.#timer = this.#options.clock.after(delay, () => void this.#tick())
  }
}
