// SPDX-License-Identifier: Apache-2.0
/**
 * Lets campaigns go at their pace: the queues of one stand in a line, and with each slot of its rate one recipient of the first goes
 * on to its site, where all other limits hold. The rate is shared by all workers, as limits of paths are. Queues take turns by how much
 * waits in each (stride scheduling, Waldspurger 1995): a large provider and a thousand small domains come to an end together.
 */
import { instant, ms } from '../base/brand.ts'
import type { Timer } from '../base/clock.ts'
import { DueHeap } from '../queue/due-heap.ts'
import type { Demand, LaneUser, RateLane } from '../queue/shaping/rates.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { CampaignPace, CampaignsInForce } from './campaigns-in-force.ts'
import type { DeliveryContext } from './delivery-context.ts'

type PaceContext = Pick<DeliveryContext, 'clock' | 'lifecycle' | 'random' | 'rates' | 'spool'>
/** `false`: nobody went, and the slot is the next one's. */
type Release = (queue: QueueName) => Promise<boolean>

/** Recipients that are on their way from the index to their site; the others wait for them. */
const UNDER_WAY = 100
/** As bulk mail, where the ledger lends. */
const CLASS = 5

export class PacedLines {
  readonly #context: PaceContext
  readonly #campaigns: Pick<CampaignsInForce, 'paceOf' | 'limitOf'>
  readonly #release: Release
  readonly #lines = new Map<string, PacedLine>()
  #isStopped = false

  constructor(
    context: PaceContext,
    campaigns: Pick<CampaignsInForce, 'paceOf' | 'limitOf'>,
    release: Release,
  ) {
    this.#context = context
    this.#campaigns = campaigns
    this.#release = release
  }

  has(queue: QueueName): boolean {
    return this.#campaigns.paceOf(queue) !== null
  }

  /** Somebody is due there, and its site takes mail. */
  join(queue: QueueName): void {
    const pace = this.#campaigns.paceOf(queue)
    if (pace === null || this.#isStopped) return
    let line = this.#lines.get(pace.key)
    if (line === undefined) {
      line = new PacedLine(this.#context, pace, this.#release)
      this.#lines.set(pace.key, line)
    }
    line.join(queue)
  }

  /** After a change of the campaigns. Queues of those that have another pace, or none, are looked at anew by who says so. */
  refresh(): void {
    for (const [key, line] of this.#lines) {
      if (this.#campaigns.limitOf(key) === line.limit) continue
      line.stop()
      this.#lines.delete(key)
    }
  }

  stop(): void {
    this.#isStopped = true
    for (const line of this.#lines.values()) line.stop()
  }
}

class PacedLine implements LaneUser {
  /** As text, to see whether it has changed. */
  readonly limit: string
  readonly #context: PaceContext
  readonly #release: Release
  readonly #lane: RateLane
  readonly #heap = new DueHeap<QueueName>()
  readonly #weights = new Map<QueueName, number>()
  #waiting = 0
  /** Virtual time: all that waits is gone when it has moved by one. */
  #passed = 0
  #underWay = 0
  /** A slot that nobody used. */
  #spare = 0
  #timer: Timer | null = null
  #isStopped = false

  constructor(context: PaceContext, { key, limit }: CampaignPace, release: Release) {
    this.#context = context
    this.#release = release
    this.limit = JSON.stringify(limit)
    const name = `campaign ${key}`
    this.#lane = context.rates.lane(name, [{ key: name, limit }], this)
  }

  join(queue: QueueName): void {
    if (this.#weights.has(queue)) return
    const weight = Math.max(1, this.#context.spool.waitingIn(queue))
    this.#weights.set(queue, weight)
    this.#waiting += weight
    // Somewhere in its turn: else all that came together would go one after the other.
    const turn = (2 * this.#context.random.fraction()) / weight
    this.#heap.set(queue, instant(this.#passed + turn))
    this.#pump()
  }

  demand(): Demand {
    const waiting = Math.max(Number(this.#heap.size > 0), this.#waiting)
    return { waiting, highestClass: CLASS, weightedDepth: waiting, oldestAge: ms(0) }
  }

  wake(): void {
    this.#pump()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #pump(): void {
    while (!this.#isStopped && this.#heap.size > 0 && this.#underWay < UNDER_WAY) {
      if (!this.#mayGo()) return
      const at = this.#heap.next()
      const queue = this.#heap.takeDue(instant(Number.POSITIVE_INFINITY))
      if (at === null || queue === null) return
      this.#passed = Math.max(this.#passed, at)
      this.#waiting -= this.#weights.get(queue) ?? 0
      this.#weights.delete(queue)
      this.#start(queue)
    }
  }

  #mayGo(): boolean {
    if (this.#spare > 0) {
      this.#spare--
      return true
    }
    const { clock } = this.#context
    const admission = this.#lane.admit(clock.monotonic())
    if (admission.kind === 'go') return true
    this.#timer?.cancel()
    const delay = Math.max(0, admission.until - clock.monotonic())
    this.#timer = clock.after(ms(delay), () => this.#pump())
    return false
  }

  #start(queue: QueueName): void {
    this.#underWay++
    this.#context.lifecycle.background('mail of a campaign at its pace', async () => {
      try {
        if (!(await this.#release(queue))) this.#spare = 1
      } finally {
        this.#underWay--
      }
      this.#pump()
    })
  }
}
