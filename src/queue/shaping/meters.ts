// SPDX-License-Identifier: Apache-2.0
/** The meters of all limits, by key. One that remembers nothing any more is forgotten: who comes later gets a fresh one. */
import { type DurationMs, type Micros, micros, ms } from '../../base/brand.ts'
import type { RateLimit } from '../../base/quantity.ts'
import { Gcra, type Pace, paceOf } from './gcra.ts'
import { type Admission, GO, type KeyedRate } from './rates.ts'

/** Below this it is not worth looking for some that can be forgotten. */
const SWEEP_FROM = 1_000

/** One object for each, since very many are looked at in no order. */
class Meter<Limit extends RateLimit> extends Gcra {
  readonly key: string
  readonly limit: Limit
  /** Its memory is of no use any more: whoever still holds it must take the new one. */
  isForgotten = false

  constructor(key: string, limit: Limit, pace: Pace) {
    super(pace)
    this.key = key
    this.limit = limit
  }
}

/** How a meter begins: how late its slots may be used, and from when there are some. */
export interface MeterStart {
  readonly lateness: Micros
  readonly from: Micros
}

export class Meters<Limit extends RateLimit = RateLimit> {
  readonly #begin: (limit: Limit) => MeterStart
  readonly #meters = new Map<string, Meter<Limit>>()
  readonly #paces = new WeakMap<Limit, Pace>()
  #sweepAt = SWEEP_FROM

  constructor(begin: (limit: Limit) => MeterStart) {
    this.#begin = begin
  }

  get size(): number {
    return this.#meters.size
  }

  /** A limit that has changed goes on where the one before it was. */
  meter({ key, limit }: KeyedRate<Limit>, now: Micros): Meter<Limit> {
    const known = this.#meters.get(key)
    if (known !== undefined && isSame(known.limit, limit)) return known
    if (this.#meters.size >= this.#sweepAt) this.#sweep(now)
    const { lateness, from } = this.#begin(limit)
    let pace = this.#paces.get(limit)
    if (pace === undefined) {
      pace = paceOf(limit, lateness)
      this.#paces.set(limit, pace)
    }
    const meter = new Meter(key, limit, pace)
    meter.hold(from)
    if (known !== undefined) {
      meter.hold(known.nextAt)
      known.isForgotten = true
    }
    this.#meters.set(key, meter)
    return meter
  }

  #sweep(now: Micros): void {
    for (const [key, meter] of this.#meters) {
      if (!meter.isFreshAt(now)) continue
      meter.isForgotten = true
      this.#meters.delete(key)
    }
    this.#sweepAt = Math.max(SWEEP_FROM, 2 * this.#meters.size)
  }
}

const NO_METERS: readonly never[] = []

/** The meters of one lane, found once for as long as they are the right ones. */
export class MeterGroup<Limit extends RateLimit = RateLimit> {
  readonly #all: Meters<Limit>
  #limits: readonly KeyedRate<Limit>[]
  #meters: readonly Meter<Limit>[] | null = null

  constructor(all: Meters<Limit>, limits: readonly KeyedRate<Limit>[]) {
    this.#all = all
    this.#limits = limits
  }

  rebind(limits: readonly KeyedRate<Limit>[]): void {
    this.#limits = limits
    this.#meters = null
  }

  /** Whether all limits let one more through; which binds, where not. */
  lookAt(now: Micros): Admission {
    let next: number = now
    let binding: Meter<Limit> | null = null
    for (const meter of this.#known(now)) {
      if (meter.nextAt <= next) continue
      next = meter.nextAt
      binding = meter
    }
    if (binding === null) return GO
    return { kind: 'wait', until: after(next), binds: binding.key }
  }

  /** The first instant from `now` on at which all limits let one more through. */
  nextAt(now: Micros): Micros {
    let next: number = now
    for (const { nextAt } of this.#known(now)) next = Math.max(next, nextAt)
    return micros(next)
  }

  take(at: Micros): void {
    for (const meter of this.#known(at)) meter.take(at)
  }

  /** Spends what has not come yet, of each limit at most its period. */
  owe(at: Micros): void {
    for (const meter of this.#known(at)) meter.owe(at, micros(meter.limit.per * 1_000))
  }

  #known(now: Micros): readonly Meter<Limit>[] {
    if (this.#limits.length === 0) return NO_METERS
    if (this.#meters === null || !areKnown(this.#meters))
      this.#meters = this.#limits.map((limit) => this.#all.meter(limit, now))
    return this.#meters
  }
}

function areKnown(meters: readonly { readonly isForgotten: boolean }[]): boolean {
  for (const { isForgotten } of meters) if (isForgotten) return false
  return true
}

/** In milliseconds; one microsecond more than it is worth, since fractions are not exact. */
export function after(at: number): DurationMs {
  return ms((at + 1) / 1_000)
}

function isSame(one: RateLimit, other: RateLimit): boolean {
  if (one === other) return true
  return one.count === other.count && one.per === other.per && one.burst === other.burst
}
