// SPDX-License-Identifier: Apache-2.0
/** Rates of a process that is alone. */
import { type DurationMs, micros, microsOf } from '../../base/brand.ts'
import { slackOf } from './gcra.ts'
import { MeterGroup, Meters } from './meters.ts'
import type { Admission, KeyedRate, RateLane, Rates } from './rates.ts'

const EVER = micros(Number.NEGATIVE_INFINITY)

export class OwnRates implements Rates {
  readonly #meters = new Meters((limit) => ({ lateness: slackOf(limit), from: EVER }))

  lane(_name: string, limits: readonly KeyedRate[]): RateLane {
    return new OwnLane(this.#meters, limits)
  }
}

class OwnLane extends MeterGroup implements RateLane {
  look(now: DurationMs): Admission {
    return this.lookAt(microsOf(now))
  }

  admit(now: DurationMs): Admission {
    const at = microsOf(now)
    const admission = this.lookAt(at)
    if (admission.kind === 'go') this.take(at)
    return admission
  }

  charge(now: DurationMs): void {
    this.owe(microsOf(now))
  }
}
