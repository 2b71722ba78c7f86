// SPDX-License-Identifier: Apache-2.0
/**
 * How many trials may begin in each interval: one more and one more while all were used and the process came to the next interval
 * in time, half as many when it came late (as TCP treats a congested way). So trials take what nothing else needs.
 */
import { queueLimits } from '../base/limits/limits.ts'

const STEP = 2

export class TrialPace {
  #allowed: number = 2 * queueLimits.trialsLeast

  get allowed(): number {
    return this.#allowed
  }

  /** An interval is over: how much later than it should be, and whether all trials were used. */
  intervalEnded(lateMs: number, wasUsedUp: boolean): void {
    const { trialLateMs, trialsLeast, trialsMost } = queueLimits
    if (lateMs > trialLateMs) this.#allowed = Math.max(trialsLeast, Math.floor(this.#allowed / 2))
    else if (wasUsedUp) this.#allowed = Math.min(trialsMost, this.#allowed + STEP)
  }
}
