// SPDX-License-Identifier: Apache-2.0
/**
 * Due mail for one (pool, site): a bounded window over the index, from which egress paths pull. Its lanes are the
 * priorities of streams: lane 0 goes first, within a lane tenants take turns, and their campaigns. So that no lane waits for ever, each
 * `lowerTurn`-th transaction is one of a lower lane, where one waits. While a source is warmed up at the site, a priority has a lane for
 * each berth, so that a path can be given what it may carry. It has no state but its window.
 *
 * Full means: the scheduled queue that feeds it leaves the rest in the index. Each scheduled queue has
 * a share of its own, so that a receipt finds room while a campaign fills the rest.
 */
import { type DurationMs, type Instant, ms } from '../base/brand.ts'
import { queueLimits } from '../base/limits/limits.ts'
import type { SiteName } from '../protocol/mx.ts'
import type { QueueName } from '../spool/queue-name.ts'
import { type BerthOf, isSameBerth, type Reach, USUAL } from './berth.ts'
import { type CampaignStanding, usualStanding } from './campaign-standing.ts'
import { FairLane } from './fair-lane.ts'
import type { FlowGate } from './flow-gate.ts'
import { QueueSizes } from './queue-sizes.ts'
import type { Batch, ReadyRecipient } from './ready-recipient.ts'
import type { Demand } from './shaping/rates.ts'

const LANES = 10
/** Classes from here on are bulk: a reserved connection is for those before. A new bulk stream has this one. */
export const BULK_FROM = 5

export type { Batch, ReadyRecipient }

export class ReadyQueue {
  readonly pool: string
  readonly site: SiteName
  readonly #standing: CampaignStanding
  /** In the order of priority; made when the first recipient comes, since most sites of very many have mail of one priority. */
  #lanes: readonly FairLane[] = []
  #berthOf: BerthOf | null = null
  /** Also of what the gate keeps. */
  readonly #sizes = new QueueSizes()
  #size = 0
  /** Before the lanes, where a receiver complains of single tenants or campaigns; `null`: it does not. */
  #gate: FlowGate | null = null
  /** Transactions of the first lane in a row, while a lower one waited. */
  #sinceLower = 0
  /** Priority of the lower lane whose turn was last. */
  #lastLower = -1
  #turns = 0

  constructor(pool: string, site: SiteName, standing = usualStanding) {
    this.#standing = standing
    this.pool = pool
    this.site = site
  }

  /** Those that may go. */
  get size(): number {
    return this.#size
  }

  /** With those that wait for the pace of their tenant or campaign. */
  get wholeSize(): number {
    return this.#size + (this.#gate?.size ?? 0)
  }

  get gate(): FlowGate | null {
    return this.#gate
  }

  /** What is in the lanes already is kept by it too. */
  setGate(gate: FlowGate): void {
    this.#gate = gate
    this.refreshGate()
  }

  /** The lessons have changed. */
  refreshGate(): void {
    if (this.#gate === null) return
    const { free, isBegun } = this.#gate.refresh()
    if (this.#gate.isIdle) this.#gate = null
    for (const recipient of [...free, ...this.#fromLanes(isBegun)]) this.#toLaneOrGate(recipient)
  }

  /** Whose slot has come goes to its lane. */
  openGate(): void {
    for (const recipient of this.#gate?.release() ?? []) this.#toLane(recipient)
  }

  /** What waits here, for who lends connections and rates. `now`: monotonic. */
  demand(now: DurationMs): Demand {
    let highestClass = LANES - 1
    let oldest: number = now
    for (const lane of this.#lanes) {
      if (lane.size === 0) continue
      highestClass = Math.min(highestClass, lane.priority)
      for (const { readySince } of lane.firsts()) oldest = Math.min(oldest, readySince)
    }
    const oldestAge = ms(now - oldest)
    return { waiting: this.#size, highestClass, weightedDepth: this.#size, oldestAge }
  }

  /** `null`: all are alike, since every path may carry all of them. */
  setBerths(berthOf: BerthOf | null): void {
    if (berthOf === null && this.#berthOf === null) return
    this.#berthOf = berthOf
    for (const recipient of this.remove(() => true)) this.push(recipient)
  }

  /** How many wait that a path may carry. */
  countFor(reach: Reach, among: 'all' | 'urgent' = 'all'): number {
    let count = 0
    for (const { berth, priority, size } of this.#lanes)
      if (reach.has(berth) && (among === 'all' || priority < BULK_FROM)) count += size
    return count
  }

  sizeOf(queue: QueueName): number {
    return this.#sizes.of(queue)
  }

  /** Recipients of `queue` that the window still has room for. */
  roomFor(queue: QueueName): number {
    if (this.#gate?.isFull(queue)) return 0
    const feeders = this.#sizes.queues + (this.sizeOf(queue) > 0 ? 0 : 1)
    const share = Math.max(
      queueLimits.windowShareLeast,
      Math.floor(queueLimits.windowHigh / feeders),
    )
    return Math.max(0, share - this.sizeOf(queue))
  }

  push(recipient: ReadyRecipient): void {
    this.#sizes.change(recipient.queue, 1)
    this.#toLaneOrGate(recipient)
  }

  /** Back to the head of its lane: taken, but not tried. */
  putBack(batch: readonly ReadyRecipient[]): void {
    for (const recipient of [...batch].reverse()) {
      this.#lane(recipient).unshift(recipient)
      this.#count(recipient.queue, 1)
    }
  }

  /**
   * The next transaction: one recipient, or several of one message where its stream allows that, at most `most`; of what `reach` has,
   * `null`: of all.
   */
  pull(
    most: number = queueLimits.recipientsPerTransaction,
    among: 'all' | 'urgent' = 'all',
    reach: Reach | null = null,
  ): Batch | null {
    const lane = among === 'all' ? this.#nextLane(reach) : this.#firstUrgent(reach)
    const batch = lane?.shift(({ waiting }) => (waiting.message.mayShareTransaction ? most : 1))
    if (batch === undefined || batch === null) return null
    for (const { queue } of batch) this.#count(queue, -1)
    return batch
  }

  /** Of classes before bulk. */
  get urgentSize(): number {
    let size = 0
    for (const lane of this.#lanes) if (lane.priority < BULK_FROM) size += lane.size
    return size
  }

  #firstUrgent(reach: Reach | null): FairLane | null {
    for (const lane of this.#lanes)
      if (lane.priority < BULK_FROM && lane.size > 0 && reach?.has(lane.berth) !== false)
        return lane
    return null
  }

  /** The first with mail; from time to time one below it. Those of one priority take turns, or the best goes first. */
  #nextLane(reach: Reach | null): FairLane | null {
    const before = reach?.isBestFirst === true ? better : longerAgo
    let first: FairLane | null = null
    let lower: FairLane | null = null
    let second: FairLane | null = null
    for (const lane of this.#lanes) {
      if (lane.size === 0 || reach?.has(lane.berth) === false) continue
      if (first === null || lane.priority === first.priority) {
        first = before(first, lane)
        continue
      }
      if (second === null || lane.priority === second.priority) second = before(second, lane)
      if (lane.priority <= this.#lastLower) continue
      if (lower === null || lane.priority === lower.priority) lower = before(lower, lane)
    }
    const next = second === null || ++this.#sinceLower < queueLimits.lowerTurn ? first : null
    if (second === null) this.#sinceLower = 0
    const lane = next ?? lower ?? second
    if (next === null && lane !== null) {
      this.#sinceLower = 0
      this.#lastLower = lane.priority
    }
    if (lane !== null) lane.lastTurn = ++this.#turns
    return lane
  }

  /** Takes out everything that `isWanted` names: a suspension, an expiry, a person's bounce. */
  remove(isWanted: (recipient: ReadyRecipient) => boolean): ReadyRecipient[] {
    if (this.#size === 0 && this.#gate === null) return []
    const removed = [...this.#fromLanes(isWanted), ...(this.#gate?.remove(isWanted) ?? [])]
    for (const { queue } of removed) this.#sizes.change(queue, -1)
    return removed
  }

  /** Also what the gate keeps. */
  *[Symbol.iterator](): IterableIterator<ReadyRecipient> {
    for (const lane of this.#lanes) yield* lane
    if (this.#gate !== null) yield* this.#gate
  }

  #toLaneOrGate(recipient: ReadyRecipient): void {
    if (this.#gate === null || !this.#gate.keeps(recipient)) this.#toLane(recipient)
  }

  #toLane(recipient: ReadyRecipient): void {
    this.#lane(recipient).push(recipient)
    this.#size++
  }

  #fromLanes(isWanted: (recipient: ReadyRecipient) => boolean): readonly ReadyRecipient[] {
    const removed: ReadyRecipient[] = []
    for (const lane of this.#lanes) removed.push(...lane.remove(isWanted))
    this.#size -= removed.length
    if (this.#size === 0) this.#lanes = []
    return removed
  }

  /** It goes before bulk, as its campaign stands now. */
  isUrgent(recipient: ReadyRecipient): boolean {
    return this.#priorityOf(recipient) < BULK_FROM
  }

  #priorityOf(recipient: ReadyRecipient): number {
    const wanted = this.#standing.priorityOf(recipient.waiting.message)
    return Math.min(LANES - 1, Math.max(0, wanted))
  }

  #lane(recipient: ReadyRecipient): FairLane {
    const priority = this.#priorityOf(recipient)
    const berth = this.#berthOf?.(recipient) ?? USUAL
    const known = this.#lanes.find(
      (lane) => lane.priority === priority && isSameBerth(lane.berth, berth),
    )
    if (known !== undefined) return known
    const lane = new FairLane(priority, berth, this.#standing)
    const higher = this.#lanes.filter((other) => other.priority <= priority)
    this.#lanes = higher.concat(lane, this.#lanes.slice(higher.length))
    return lane
  }

  #count(queue: QueueName, by: 1 | -1): void {
    this.#size += by
    this.#sizes.change(queue, by)
  }
}

/** Of two of one priority, the one whose recipients engage more, and of equals the one whose turn was longer ago. */
function better(one: FairLane | null, other: FairLane): FairLane {
  if (one === null || one.berth.band === other.berth.band) return longerAgo(one, other)
  return one.berth.band > other.berth.band ? one : other
}

/** Of two of one priority, the one whose turn was longer ago. */
function longerAgo(one: FairLane | null, other: FairLane): FairLane {
  return one === null || other.lastTurn < one.lastTurn ? other : one
}

export function isExpired(recipient: ReadyRecipient, now: Instant): boolean {
  return recipient.waiting.message.expiresAt <= now
}
