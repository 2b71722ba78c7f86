// SPDX-License-Identifier: Apache-2.0
/**
 * A model provider: keeps a reputation of one sender that nobody sees, and answers by it. Volume is what came in the last 24 hours,
 * against what it is accustomed to; throttled mail counts half.
 */
import type { Random } from '../../src/base/random.ts'
import { type Reply, reply } from '../../src/protocol/reply.ts'
import { binomial } from './chance.ts'
import type { Model } from './model.ts'

const DAY_HOURS = 24

export const replies = {
  delivered: reply(250, '2.0.0', 'OK'),
  throttled: reply(
    451,
    '4.7.650',
    'The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)',
  ),
  blocked: reply(
    550,
    '5.7.1',
    "Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
  ),
  deferred: reply(
    421,
    '4.7.0',
    '[TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
  ),
  unknown: reply(550, '5.1.1', 'No such user'),
  greylisted: reply(451, '4.7.1', 'Greylisted, please try again later'),
  trouble: reply(451, '4.3.0', 'Temporary local problem, please try later'),
} as const satisfies Record<string, Reply>

/** Of a number of messages at once. */
export interface Answers {
  /** Said at MAIL, to the first of them: the others were not offered. */
  readonly wall: 'blocked' | 'deferred' | null
  readonly delivered: number
  readonly throttled: number
  readonly greylisted: number
  readonly trouble: number
  readonly unknown: number
  /** Of those delivered. */
  readonly foldered: number
  readonly complaints: number
  readonly engaged: number
}

const NOBODY: Answers = {
  wall: null,
  delivered: 0,
  throttled: 0,
  greylisted: 0,
  trouble: 0,
  unknown: 0,
  foldered: 0,
  complaints: 0,
  engaged: 0,
}

interface Hour {
  volume: number
  delivered: number
  unknown: number
  inboxed: number
  complaints: number
  engaged: number
}

export class Provider {
  readonly #model: Model
  readonly #random: Random
  readonly #hours: Hour[] = Array.from({ length: DAY_HOURS }, emptyHour)
  #hour = 0
  #accustomed = 0
  #reputation: number
  #blockedUntil = Number.NEGATIVE_INFINITY
  /** How often it blocked, hostility apart. */
  blocks = 0

  constructor(model: Model, random: Random) {
    this.#model = model
    this.#random = random
    this.#reputation = model.provider.start_reputation
  }

  get reputation(): number {
    return this.#reputation
  }

  /** What it takes a day. */
  get tolerated(): number {
    const { floor, growth } = this.#model.provider
    const trust = 0.4 + 1.2 * this.#reputation
    return trust * Math.max(floor, growth * this.#accustomed)
  }

  get load(): number {
    return this.#sum('volume') / this.tolerated
  }

  isHostile(hour: number): boolean {
    const { hostile } = this.#model.provider
    if (hostile === null) return false
    const from = (hostile.day - 1) * DAY_HOURS + hostile.hour
    return hour >= from && hour < from + hostile.hours
  }

  /** `hour`: since the start, with fractions. `rank`: 0 the most engaged of the list, 1 the least. `isFirst`: nobody of them was tried before. */
  answer(count: number, hour: number, rank: number, isFirst: boolean): Answers {
    this.#turnTo(hour)
    const { audience, provider } = this.#model
    const now = this.#now
    if (this.isHostile(hour)) {
      const wall = provider.hostile?.kind === 'defer' ? 'deferred' : 'blocked'
      return { ...NOBODY, wall }
    }
    if (hour < this.#blockedUntil) return { ...NOBODY, wall: 'blocked' }
    const { load } = this
    if (load >= provider.block_load || this.#reputation <= provider.block_reputation) {
      this.#block(hour)
      return { ...NOBODY, wall: 'blocked' }
    }
    const greylisted = isFirst ? this.#draw(count, provider.greylist) : 0
    const trouble = this.#draw(count - greylisted, provider.trouble)
    const share = load <= 1 ? 0 : Math.min(1, (load - 1) * provider.throttle_slope)
    const throttled = this.#draw(count - greylisted - trouble, share)
    const taken = count - greylisted - trouble - throttled
    const unknown = isFirst ? this.#draw(taken, audience.bad_addresses * 2 * rank) : 0
    const delivered = taken - unknown
    const foldered = this.#draw(delivered, 1 - this.inboxShare)
    const inboxed = delivered - foldered
    const tilt = audience.spread * (1 - 2 * rank)
    const complaints = this.#draw(inboxed, audience.complaints * (1 - tilt))
    const engaged = this.#draw(inboxed, Math.min(1, audience.engaged * (1 + tilt)))
    now.volume += delivered + unknown + throttled / 2
    now.delivered += delivered
    now.unknown += unknown
    now.inboxed += inboxed
    now.complaints += complaints
    now.engaged += engaged
    return {
      wall: null,
      delivered,
      throttled,
      greylisted,
      trouble,
      unknown,
      foldered,
      complaints,
      engaged,
    }
  }

  get inboxShare(): number {
    const { inbox_at, inbox_steepness } = this.#model.provider
    return 1 / (1 + Math.exp(-inbox_steepness * (this.#reputation - inbox_at)))
  }

  /** To the hour `until`, in which nothing may have come. */
  #turnTo(until: number): void {
    while (this.#hour < Math.floor(until)) {
      this.#judgeHour()
      this.#hour++
      Object.assign(this.#now, emptyHour())
    }
  }

  /** A day's change, in 24 parts. */
  #judgeHour(): void {
    const { audience, provider } = this.#model
    const [delivered, inboxed] = [this.#sum('delivered'), this.#sum('inboxed')]
    const spike = Math.max(0, this.load - 1)
    let change = provider.recovery * (0.5 - this.#reputation) - provider.spike_cost * spike
    // Few messages say little: complaints and bad addresses are held against the mail of a newcomer's day at least.
    const enough = provider.floor
    if (inboxed > 0) {
      const engaged = this.#sum('engaged') / inboxed
      const complaints = this.#sum('complaints') / Math.max(enough, inboxed)
      change += provider.engagement_gain * (engaged / 0.2 - 0.5)
      change -= provider.complaint_cost * Math.max(0, complaints / 0.001 - 0.5)
    }
    if (delivered > 0) {
      const unknown = this.#sum('unknown') / Math.max(enough, delivered)
      change -= provider.bounce_cost * Math.max(0, unknown / 0.02 - 0.25)
      if (audience.misconfigured) change -= provider.misconfiguration_cost
    }
    this.#reputation = Math.min(1, Math.max(0, this.#reputation + change / DAY_HOURS))
    this.#accustomed += (delivered - this.#accustomed) / (DAY_HOURS * provider.memory_days)
  }

  #block(hour: number): void {
    const { block_cost, block_hours } = this.#model.provider
    this.blocks++
    this.#blockedUntil = hour + block_hours
    this.#reputation = Math.max(0, this.#reputation - block_cost)
    // Who has served it is judged anew, not locked out for ever.
    this.#reputation = Math.max(this.#reputation, this.#model.provider.block_reputation + 0.01)
  }

  get #now(): Hour {
    return this.#hours[this.#hour % DAY_HOURS] as Hour
  }

  #sum(kind: keyof Hour): number {
    let sum = 0
    for (const hour of this.#hours) sum += hour[kind]
    return sum
  }

  #draw(of: number, probability: number): number {
    return binomial(of, probability, this.#random)
  }
}

function emptyHour(): Hour {
  return { volume: 0, delivered: 0, unknown: 0, inboxed: 0, complaints: 0, engaged: 0 }
}
