// SPDX-License-Identifier: Apache-2.0
/**
 * Counts words in links that are none of ours, and slows down who brings many: somebody guesses. A good word is never counted, for
 * programs of large providers come for many recipients from few addresses.
 *
 * Known limits: each worker counts alone.
 */
import type { Clock } from '../../base/clock.ts'
import { webLimits } from '../../base/limits/web-limits.ts'
import { peerNetwork } from '../../smtp/peer-address.ts'
import { RateWindows } from '../http/rate-windows.ts'
import { sentence, type WebAnswer } from './web-answer.ts'

export class BadWords {
  readonly #windows: RateWindows
  #forged = 0

  constructor(clock: Clock) {
    this.#windows = new RateWindows(clock, webLimits.badPerMinute)
  }

  /** That were made up, or changed on the way, since the process began. */
  get forged(): number {
    return this.#forged
  }

  /** `null`: it may be told what is wrong; else what it is told instead. */
  takeForged(peer: string): WebAnswer | null {
    this.#forged++
    return this.takeOld(peer)
  }

  /** Of one that was good once. */
  takeOld(peer: string): WebAnswer | null {
    const { isOver, resetSeconds } = this.#windows.take(peerNetwork(peer))
    if (!isOver) return null
    return sentence(429, 'Too many links that do not work, try again later', {
      'retry-after': String(resetSeconds),
    })
  }
}
