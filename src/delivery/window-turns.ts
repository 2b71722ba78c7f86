// SPDX-License-Identifier: Apache-2.0
/** Notices when windows of campaigns open and close: one timer for the next of them. The wall clock decides, also one that jumps. */
import { ms, seconds } from '../base/brand.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { CampaignsInForce } from './campaigns-in-force.ts'

/** A clock that was set is noticed within this. */
const LONGEST_SLEEP = seconds(10)

export class WindowTurns {
  readonly #clock: Clock
  readonly #campaigns: Pick<CampaignsInForce, 'windows'>
  readonly #onClosed: () => void
  #closed = ''
  #timer: Timer | null = null
  #isStopped = false

  /** `onClosed`: other windows are closed than before. */
  constructor(clock: Clock, campaigns: Pick<CampaignsInForce, 'windows'>, onClosed: () => void) {
    this.#clock = clock
    this.#campaigns = campaigns
    this.#onClosed = onClosed
  }

  /** After a change of the campaigns. */
  refresh(): void {
    this.#timer?.cancel()
    const { closed, nextAt } = this.#campaigns.windows()
    this.#closed = closed
    if (nextAt === null || this.#isStopped) return
    const sleep = Math.min(LONGEST_SLEEP, Math.max(0, nextAt - this.#clock.now()))
    this.#timer = this.#clock.after(ms(sleep), () => {
      const before = this.#closed
      this.refresh()
      if (this.#closed !== before) this.#onClosed()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }
}
