// SPDX-License-Identifier: Apache-2.0
/**
 * How long syncs take: mail waits for each. A disk that is slow is said to be slow; one on which a sync does not end takes
 * no new mail, since whoever hands it in would wait for the disk too.
 *
 *   ok ⇄ slow      by a moving mean of the last syncs; back at half of the bound
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

/** What the last sync counts in the mean. */
const SHARE = 0.2

export interface PaceOptions {
  readonly clock: Clock
  readonly log: Log
  readonly slowSyncMs: number
  readonly stalledSyncMs: number
}

export class SyncPace {
  readonly #options: PaceOptions
  readonly #running = new Set<{ readonly begun: number }>()
  #meanMs = 0
  #isSlow = false

  constructor(options: PaceOptions) {
    this.#options = options
  }

  /** In words where the disk is slow. */
  get complaint(): string | null {
    return this.#isSlow ? `the disk is slow: a sync takes ${seconds(this.#meanMs)}` : null
  }

  /** In words where a sync does not end. */
  get stall(): string | null {
    const { clock, stalledSyncMs } = this.#options
    const now = clock.monotonic()
    const oldest = Math.min(...[...this.#running].map(({ begun }) => begun))
    if (now - oldest < stalledSyncMs) return null
    return `a sync has not ended for ${seconds(now - oldest)}`
  }

  async measure(sync: () => Promise<void>): Promise<void> {
    const { clock } = this.#options
    const run = { begun: clock.monotonic() }
    this.#running.add(run)
    try {
      await sync()
    } finally {
      this.#running.delete(run)
      this.#took(clock.monotonic() - run.begun)
    }
  }

  #took(time: number): void {
    this.#meanMs += (time - this.#meanMs) * SHARE
    const { log, slowSyncMs } = this.#options
    if (!this.#isSlow && this.#meanMs > slowSyncMs) {
      this.#isSlow = true
      log.warn({ syncMs: Math.round(this.#meanMs) }, 'the disk of the spool is slow')
    } else if (this.#isSlow && this.#meanMs < slowSyncMs / 2) {
      this.#isSlow = false
      log.info({ syncMs: Math.round(this.#meanMs) }, 'the disk of the spool is fast again')
    }
  }
}

function seconds(time: number): string {
  return `${(time / 1_000).toFixed(1)} s`
}
