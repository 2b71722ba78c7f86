// SPDX-License-Identifier: Apache-2.0
/**
 * A worker's side of lent connections: keeps what was lent for each lane and says what it would have. While the ledger does not
 * answer, the worker lives on its share of each limit; no mail waits for an answer longer than it takes to notice.
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { LEASE, type SlotAsk, type SlotGrant } from './connection-ledger.ts'
import {
  type ConnectionLane,
  type ConnectionSlots,
  type KeyedLimit,
  OwnSlots,
  type SlotVerdict,
} from './connection-slots.ts'
import { fallbackShare, GATHER, type Lender, RENEW, type WorkerSeat } from './lending.ts'
import type { LaneUser } from './rates.ts'

const NOTHING: SlotVerdict = { allowed: 0, binds: null }

export class LeasedSlots implements ConnectionSlots {
  readonly #clock: Clock
  readonly #lender: Lender
  readonly #seat: WorkerSeat
  /** What is open, and what may be while nobody lends. */
  readonly #own = new OwnSlots()
  /** Those in use; in the order of their last question. */
  readonly #lanes = new Map<string, LeasedLane>()
  /** Monotonic: the next question about connections. */
  #asksAt = 0

  constructor(lender: Lender, clock: Clock, seat: WorkerSeat) {
    this.#clock = clock
    this.#lender = lender
    this.#seat = seat
  }

  lane(name: string, limits: readonly KeyedLimit[], user: LaneUser): ConnectionLane {
    const lane = new LeasedLane(
      name,
      limits,
      user,
      this.#own.lane(name, this.#shares(limits), user),
    )
    return {
      rebind: (changed) => lane.rebind(changed, this.#shares(changed)),
      allowed: (used, wanted) => this.#allowed(lane, used, wanted),
    }
  }

  #shares(limits: readonly KeyedLimit[]): readonly KeyedLimit[] {
    const { index, count } = this.#seat
    return limits.map(({ key, limit }) => ({ key, limit: fallbackShare(limit, index, count) }))
  }

  /** For the next question, those first that have waited longest for one. */
  asks(): readonly SlotAsk[] {
    const now = this.#clock.monotonic()
    if (now < this.#asksAt) return []
    this.#asksAt = now + RENEW
    const lanes = [...this.#lanes.values()].slice(0, shapingLimits.asksPerQuestion)
    // The others come first the next time.
    if (lanes.length < this.#lanes.size)
      for (const lane of lanes) {
        this.#lanes.delete(lane.name)
        this.#lanes.set(lane.name, lane)
      }
    return lanes.map((lane) => lane.ask(this.#now(lane).allowed))
  }

  learn(grants: readonly SlotGrant[]): void {
    const until = ms(this.#clock.monotonic() + LEASE)
    for (const { lane: name, slots, binds } of grants) {
      const lane = this.#lanes.get(name)
      if (lane === undefined) continue
      lane.learn({ allowed: slots, binds }, until)
      if (lane.isUnused) this.#lanes.delete(name)
    }
  }

  /** After a round: whoever may have more or fewer than before it. */
  wakeChanged(): void {
    for (const lane of this.#lanes.values()) lane.wakeUnless(this.#now(lane).allowed)
  }

  #allowed(lane: LeasedLane, used: number, wanted: number): SlotVerdict {
    lane.use(used, wanted)
    this.#lanes.set(lane.name, lane)
    const verdict = this.#now(lane)
    // More than twice of what was asked for does not wait for the next renewal.
    const isMuch = wanted > 2 * lane.asked
    if (wanted > verdict.allowed && isMuch) {
      this.#asksAt = 0
      this.#lender.want(ms(this.#clock.monotonic() + GATHER))
    }
    return verdict
  }

  #now(lane: LeasedLane): SlotVerdict {
    if (this.#lender.isAlone) return lane.share()
    return lane.until > this.#clock.monotonic() ? lane.lent : NOTHING
  }
}

class LeasedLane {
  readonly name: string
  #limits: readonly KeyedLimit[]
  readonly #user: LaneUser
  readonly #own: ConnectionLane
  #used = 0
  #wanted = 0
  #toldAllowed = 0
  /** What the last question said was wanted. */
  asked = 0
  lent: SlotVerdict = NOTHING
  /** Monotonic: when the lease ends. */
  until: number = Number.NEGATIVE_INFINITY

  constructor(name: string, limits: readonly KeyedLimit[], user: LaneUser, own: ConnectionLane) {
    this.name = name
    this.#limits = limits
    this.#user = user
    this.#own = own
  }

  rebind(limits: readonly KeyedLimit[], shares: readonly KeyedLimit[]): void {
    this.#limits = limits
    this.#own.rebind(shares)
  }

  get isUnused(): boolean {
    return this.#used === 0 && this.#wanted === 0
  }

  use(used: number, wanted: number): void {
    this.#wanted = wanted
    if (used === this.#used) return
    this.#used = used
    this.share()
  }

  /** What it may have while nobody lends. */
  share(): SlotVerdict {
    return this.#own.allowed(this.#used, this.#wanted)
  }

  ask(allowed: number): SlotAsk {
    this.asked = this.#wanted
    this.#toldAllowed = allowed
    const demand = { ...this.#user.demand(), waiting: this.#wanted }
    return { lane: this.name, limits: this.#limits, used: this.#used, demand }
  }

  learn(lent: SlotVerdict, until: DurationMs): void {
    this.lent = lent
    this.until = until
  }

  wakeUnless(allowed: number): void {
    if (allowed !== this.#toldAllowed) this.#user.wake()
  }
}
