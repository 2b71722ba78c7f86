// SPDX-License-Identifier: Apache-2.0
/**
 * Senders that have mail waiting at all times, on a simulated clock: one process with rates of its own, or workers that borrow
 * from a ledger over a channel that takes its time and may be cut. Senders wake a little late, as busy processes do.
 */
import { type DurationMs, type Micros, microsOf, ms } from '../../src/base/brand.ts'
import type { Timer } from '../../src/base/clock.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import type { RateLimit } from '../../src/base/quantity.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Ledger } from '../../src/queue/shaping/ledger.ts'
import type { LedgerAsk } from '../../src/queue/shaping/ledger-messages.ts'
import { LedgerRounds } from '../../src/queue/shaping/ledger-rounds.ts'
import { LessonBook } from '../../src/queue/shaping/lesson-book.ts'
import { OwnRates } from '../../src/queue/shaping/own-rates.ts'
import type { Demand, KeyedRate, RateLane, Rates } from '../../src/queue/shaping/rates.ts'

export interface RateRigOptions {
  /** 1: a process that is alone, without a channel. */
  readonly workers: number
  /** Of each lane; every worker has a sender on each. */
  readonly lanes: readonly (readonly KeyedRate[])[]
  readonly seed: number
  /** Longest delay of a message on the channel, and of a sender that is woken. */
  readonly latency?: DurationMs
  readonly lateness?: DurationMs
}

/** One message that went. */
export interface Sent {
  readonly at: Micros
  readonly worker: number
  readonly lane: number
}

export class RateRig {
  readonly clock = new ManualClock()
  readonly sent: Sent[] = []
  readonly senders: Sender[] = []
  readonly #random: SeededRandom
  readonly #latency: DurationMs
  readonly #lateness: DurationMs
  readonly #workers: number
  #ledger: Ledger | null

  constructor({ workers, lanes, seed, latency = ms(4), lateness = ms(2) }: RateRigOptions) {
    this.#random = new SeededRandom(seed)
    this.#latency = latency
    this.#lateness = lateness
    this.#workers = workers
    // In service for long: its first silence is over.
    this.#ledger = new Ledger(workers, ms(this.clock.monotonic()), new LessonBook(1))
    for (let worker = 0; worker < workers; worker++) {
      const rates = workers === 1 ? new OwnRates() : this.#lentRates(worker)
      for (const [lane, limits] of lanes.entries())
        this.senders.push(new Sender(this, rates, worker, lane, limits))
    }
  }

  /** Control ends; what it knew is gone. */
  cut(): void {
    this.#ledger = null
  }

  restore(): void {
    this.#ledger = new Ledger(this.#workers, this.clock.monotonic(), new LessonBook(1))
  }

  get latenessNow(): DurationMs {
    return ms(this.#lateness * this.#random.fraction())
  }

  async run(length: DurationMs): Promise<void> {
    const end = this.clock.monotonic() + length
    for (;;) {
      await settle()
      const left = end - this.clock.monotonic()
      if (left <= 0) return
      this.clock.advance(ms(Math.min(left, this.clock.untilNext ?? left)))
    }
  }

  #lentRates(worker: number): Rates {
    const ask = async (question: LedgerAsk) => {
      await this.clock.sleep(ms(this.#latency * this.#random.fraction()))
      if (this.#ledger === null) throw new Error('nobody answers')
      const { clock } = this
      const answer = this.#ledger.ask(worker, question, clock.monotonic(), clock.now())
      await this.clock.sleep(ms(this.#latency * this.#random.fraction()))
      return answer
    }
    return new LedgerRounds(ask, this.clock, { index: worker, count: this.#workers }).rates
  }
}

export class Sender {
  /** What it says of itself; mail waits at all times where `waiting` is above 0. */
  demand: Demand = { waiting: 1_000, highestClass: 5, weightedDepth: 1_000, oldestAge: ms(0) }
  readonly #rig: RateRig
  readonly #lane: RateLane
  readonly #worker: number
  readonly #at: number
  #timer: Timer | null = null

  constructor(
    rig: RateRig,
    rates: Rates,
    worker: number,
    lane: number,
    limits: readonly KeyedRate[],
  ) {
    this.#rig = rig
    this.#worker = worker
    this.#at = lane
    this.#lane = rates.lane(`lane ${lane}`, limits, {
      demand: () => this.demand,
      wake: () => this.wakeAfter(ms(0)),
    })
    this.wakeAfter(ms(0))
  }

  wakeAfter(delay: DurationMs): void {
    this.#timer?.cancel()
    const late = ms(Math.max(0, delay) + this.#rig.latenessNow)
    this.#timer = this.#rig.clock.after(late, () => this.#send())
  }

  #send(): void {
    const { clock, sent } = this.#rig
    while (this.demand.waiting > 0) {
      const now = clock.monotonic()
      const admission = this.#lane.admit(now)
      if (admission.kind === 'wait') {
        this.wakeAfter(ms(admission.until - now))
        return
      }
      sent.push({ at: microsOf(now), worker: this.#worker, lane: this.#at })
    }
  }
}

/** By how many more than `limit` allows the fullest window of its period is too full; at most 0 where all is well. */
export function largestExcess(sent: readonly Sent[], { count, per, burst }: RateLimit): number {
  let most = 0
  let first = 0
  for (const [last, { at }] of sent.entries()) {
    while (at - (sent[first]?.at ?? at) >= per * 1_000) first++
    most = Math.max(most, last - first + 1)
  }
  return most - (count + burst - 1)
}

/** Of what `limit` allows, the share that was sent from `from` to `until`. */
export function shareUsed(
  sent: readonly Sent[],
  { count, per }: RateLimit,
  from: DurationMs,
  until: DurationMs,
): number {
  const between = sent.filter(({ at }) => at >= from * 1_000 && at < until * 1_000)
  return between.length / ((count * (until - from)) / per)
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
