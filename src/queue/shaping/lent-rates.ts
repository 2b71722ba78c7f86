// SPDX-License-Identifier: Apache-2.0
/**
 * A worker's side of lent rates: keeps the slots that were lent for each lane, and asks for the next while it uses
 * them, so that nothing waits for an answer. While the ledger lends nothing it paces itself by its share of each limit.
 */
import { type DurationMs, type Micros, micros, microsOf, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { slackOf } from './gcra.ts'
import {
  GATHER,
  HORIZON,
  type Lender,
  ownShare,
  type RateAsk,
  type RateGrant,
  type RateShare,
  RENEW,
  restBetween,
  type WorkerSeat,
} from './lending.ts'
import { after, MeterGroup, Meters } from './meters.ts'
import {
  type Admission,
  GO,
  type KeyedRate,
  type LaneUser,
  type RateLane,
  type Rates,
} from './rates.ts'

/** Lanes that want more are asked for together, no more often than this. */
const PAUSE_US = 20_000

export class LentRates implements Rates {
  readonly #lender: Lender
  readonly #clock: Clock
  readonly #seat: WorkerSeat
  /** Those that would have slots. */
  readonly #wanting = new Map<string, LentLane>()
  /** While nobody lends, and since when that is. */
  #shares: { readonly since: DurationMs; readonly meters: Meters<RateShare> } | null = null

  constructor(lender: Lender, clock: Clock, seat: WorkerSeat) {
    this.#lender = lender
    this.#clock = clock
    this.#seat = seat
  }

  lane(name: string, limits: readonly KeyedRate[], user: LaneUser): RateLane {
    const lane = new LentLane(name, limits, user)
    return {
      rebind: (changed) => lane.rebind(changed),
      look: (now) => this.#look(lane, now),
      admit: (now) => {
        const admission = this.#look(lane, now)
        if (admission.kind === 'go') this.#spend(lane, now)
        return admission
      },
      charge: (now) => this.#charge(lane, now),
    }
  }

  /** For the next question. */
  asks(): readonly RateAsk[] {
    const latest = microsOf(this.#clock.monotonic()) + PAUSE_US
    const asks: RateAsk[] = []
    for (const lane of this.#wanting.values()) {
      if (lane.askAt > latest) continue
      if (asks.length >= shapingLimits.asksPerQuestion) break
      asks.push(lane.ask())
    }
    return asks
  }

  /** When the first lane wants to be asked for. */
  asksNextAt(now: DurationMs): DurationMs {
    let next = Number.POSITIVE_INFINITY
    for (const { askAt } of this.#wanting.values()) next = Math.min(next, askAt)
    return ms(Math.max(next, microsOf(now) + PAUSE_US) / 1_000)
  }

  learn(grants: readonly RateGrant[]): void {
    const now = microsOf(this.#clock.monotonic())
    for (const grant of grants) {
      const lane = this.#wanting.get(grant.lane)
      if (lane === undefined) continue
      lane.learn(grant, now)
      if (lane.hasEnough) this.#wanting.delete(grant.lane)
    }
  }

  /** After a round: whoever may have more than before it. */
  wakeChanged(): void {
    const isAlone = this.#lender.isAlone
    for (const [name, lane] of this.#wanting) {
      lane.wakeIfChanged(isAlone)
      if (isAlone) this.#wanting.delete(name)
    }
  }

  #look(lane: LentLane, now: DurationMs): Admission {
    if (lane.isUnbound) return GO
    if (this.#lender.isAlone) {
      // The share of one limit that is smaller than the number of workers is another worker's.
      const own = lane.alone(this.#aloneMeters(), this.#seat)
      return own?.lookAt(microsOf(now)) ?? { kind: 'wait', until: ms(now + RENEW), binds: null }
    }
    const admission = lane.look(microsOf(now))
    if (lane.isLow) this.#want(lane, now)
    return admission
  }

  #spend(lane: LentLane, now: DurationMs): void {
    if (lane.isUnbound) return
    if (this.#lender.isAlone) lane.alone(this.#aloneMeters(), this.#seat)?.take(microsOf(now))
    else lane.spend()
  }

  #charge(lane: LentLane, now: DurationMs): void {
    if (lane.isUnbound) return
    if (this.#lender.isAlone) lane.alone(this.#aloneMeters(), this.#seat)?.owe(microsOf(now))
    else lane.owe()
    if (lane.isLow) this.#want(lane, now)
  }

  /** Slots of the ledger may be in the hands of others for `HORIZON`; only then do the shares count. */
  #aloneMeters(): Meters<RateShare> {
    const since = this.#lender.aloneSince
    if (this.#shares?.since !== since) {
      const from = microsOf(since) + HORIZON * 1_000
      const meters = new Meters<RateShare>((share) => ({
        lateness: slackOf(share),
        from: micros(from + restBetween(share.whole, this.#seat.count)),
      }))
      this.#shares = { since, meters }
    }
    return this.#shares.meters
  }

  #want(lane: LentLane, now: DurationMs): void {
    if (this.#wanting.has(lane.name)) return
    this.#wanting.set(lane.name, lane)
    this.#lender.want(ms(Math.max(now + GATHER, lane.askAt / 1_000)))
  }
}

class LentLane {
  readonly name: string
  readonly #user: LaneUser
  #limits: readonly KeyedRate[]
  /** How late a slot may be used that is one of each limit. */
  #slack = 0
  /** Slots that were used before they came: the next ones are not. */
  #owed = 0
  /** In order; those before `#head` are used or lost. */
  #slots: readonly Micros[] = []
  #head = 0
  /** Messages that the last question was for. */
  #asked = 0
  #binds: string | null = null
  #hasChanged = false
  /** Monotonic: there is nothing to get before. */
  askAt: Micros = micros(0)
  /** While nobody lends; `group` is `null` where one of the limits leaves nothing for this worker. */
  #alone: {
    readonly all: Meters<RateShare>
    readonly group: MeterGroup<RateShare> | null
  } | null = null

  constructor(name: string, limits: readonly KeyedRate[], user: LaneUser) {
    this.name = name
    this.#user = user
    this.#limits = limits
    this.rebind(limits)
  }

  /** Slots that were lent for the limits before are used up. */
  rebind(limits: readonly KeyedRate[]): void {
    this.#limits = limits
    this.#slack = Math.min(...limits.map(({ limit }) => slackOf(limit)))
    this.#owed = 0
    this.#alone = null
  }

  get isUnbound(): boolean {
    return this.#limits.length === 0
  }

  /** Half of what was lent has been used. */
  get isLow(): boolean {
    return 2 * (this.#slots.length - this.#head) <= this.#slots.length
  }

  /** There is a slot for everything that it asked for. */
  get hasEnough(): boolean {
    return this.#asked <= this.#slots.length - this.#head
  }

  look(now: Micros): Admission {
    let next = this.#slots[this.#head]
    while (next !== undefined && next + this.#slack < now) next = this.#slots[++this.#head]
    for (; this.#owed > 0 && next !== undefined && next <= now; this.#owed--)
      next = this.#slots[++this.#head]
    if (next === undefined)
      return {
        kind: 'wait',
        until: after(Math.max(this.askAt, now + PAUSE_US)),
        binds: this.#binds,
      }
    return next <= now ? GO : { kind: 'wait', until: after(next), binds: this.#binds }
  }

  /** After `look` said `go`. */
  spend(): void {
    this.#head++
  }

  /** At most as many as a period has. */
  owe(): void {
    const most = Math.min(...this.#limits.map(({ limit }) => limit.count))
    if (this.#owed < most) this.#owed++
  }

  ask(): RateAsk {
    const demand = this.#user.demand()
    this.#asked = demand.waiting
    return { lane: this.name, limits: this.#limits, demand }
  }

  learn({ askAgainAt, binds, slots }: RateGrant, now: Micros): void {
    this.#binds = binds
    this.#hasChanged = slots.length > 0
    this.#slots = [...this.#slots.slice(this.#head), ...slots]
    this.#head = 0
    const last = this.#slots.at(-1) ?? now
    this.askAt = micros(Math.max(askAgainAt, (now + last) / 2))
  }

  wakeIfChanged(isAlone: boolean): void {
    if (!this.#hasChanged && !isAlone) return
    this.#hasChanged = false
    this.#user.wake()
  }

  alone(all: Meters<RateShare>, seat: WorkerSeat): MeterGroup<RateShare> | null {
    if (this.#alone?.all !== all) {
      const shares = this.#limits.flatMap(({ key, limit }) => {
        const share = ownShare(limit, seat)
        return share === null ? [] : [{ key, limit: share }]
      })
      const isWhole = shares.length === this.#limits.length
      this.#alone = { all, group: isWhole ? new MeterGroup(all, shares) : null }
    }
    return this.#alone.group
  }
}
