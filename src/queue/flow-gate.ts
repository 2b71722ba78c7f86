// SPDX-License-Identifier: Apache-2.0
/**
 * Mail of tenants and campaigns that a receiver complains of, before the lanes of one site: each goes at the pace that was learned of it,
 * and all others pass by. Made where there is such a lesson, and gone when there is none. What it keeps is part of the window.
 */
import { type DurationMs, ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { shapingLimits } from '../base/limits/shaping-limits.ts'
import { Ring } from '../base/ring.ts'
import { parseQueueName, type QueueName } from '../spool/queue-name.ts'
import type { ReadyRecipient } from './ready-recipient.ts'
import { flowOf, keyOf, type Learned, type Lessons, rateOf } from './shaping/lessons.ts'
import type { KeyedRate, LaneUser, RateLane, Rates } from './shaping/rates.ts'

export interface GateParts {
  readonly lessons: Lessons
  readonly rates: Rates
  readonly clock: Clock
  /** The provider, or the site where it has none. */
  readonly place: string
  /** Of the site, unique in this process. */
  readonly name: string
  /** Something may go on at `until`, monotonic. */
  readonly wakeAt: (until: DurationMs) => void
  readonly wake: () => void
}

/** Whom mail waits for here, and until when. */
export interface FlowWait {
  readonly key: string
  readonly learned: Learned
  /** Monotonic. */
  readonly until: DurationMs | null
}

/** What has changed by lessons. */
export interface Refreshed {
  /** Nothing is learned of it any more. */
  readonly free: readonly ReadyRecipient[]
  /** Something is learned of whom it is of that was not before. */
  readonly isBegun: (recipient: ReadyRecipient) => boolean
}

interface Flow {
  readonly key: string
  learned: Learned
  readonly lane: RateLane
  readonly line: Ring<ReadyRecipient>
  until: DurationMs | null
}

export class FlowGate {
  readonly #parts: GateParts
  readonly #flows = new Map<string, Flow>()
  #size = 0

  constructor(parts: GateParts) {
    this.#parts = parts
  }

  /** Recipients that it keeps. */
  get size(): number {
    return this.#size
  }

  get isIdle(): boolean {
    return this.#flows.size === 0
  }

  /** As the lessons are now. */
  refresh(): Refreshed {
    const known = this.#parts.lessons.flows.at(this.#parts.place)
    const begun = new Set<string>()
    for (const [key, learned] of known ?? []) {
      if (learned.messageRate === undefined) continue
      if (!this.#flows.has(key)) begun.add(key)
      this.#learn(key, learned)
    }
    const free: ReadyRecipient[] = []
    for (const [key, { line }] of this.#flows) {
      if (known?.get(key)?.messageRate !== undefined) continue
      for (let next = line.shift(); next !== undefined; next = line.shift()) free.push(next)
      this.#flows.delete(key)
    }
    this.#size -= free.length
    return { free, isBegun: (recipient) => begun.has(this.#flowOf(recipient)?.key ?? '') }
  }

  /** `false`: it may go now, as far as this is concerned. */
  keeps(recipient: ReadyRecipient): boolean {
    const flow = this.#flowOf(recipient)
    if (flow === undefined) return false
    if (flow.line.size === 0 && this.#mayGo(flow)) return false
    flow.line.push(recipient)
    this.#size++
    return true
  }

  /** So many of its tenant or campaign wait here that more of `queue` had better wait in the index. */
  isFull(queue: QueueName): boolean {
    const parts = parseQueueName(queue)
    const flow = parts === null ? undefined : this.#find(parts.tenant, parts.campaign)
    return flow !== undefined && flow.line.size >= shapingLimits.slowedMost
  }

  /** Those whose slot has come. */
  *release(): Generator<ReadyRecipient> {
    if (this.#size === 0) return
    for (const flow of this.#flows.values())
      while (flow.line.size > 0 && this.#mayGo(flow)) {
        const next = flow.line.shift()
        if (next === undefined) break
        this.#size--
        yield next
      }
  }

  /** For whom a recipient of `queue` waits here; `null`: none does. */
  waitOf(queue: string): FlowWait | null {
    for (const { key, learned, line, until } of this.#flows.values())
      for (let at = 0; at < line.size; at++)
        if (line.at(at)?.queue === queue) return { key, learned, until }
    return null
  }

  /** Takes out what `isWanted` names; the others keep their order. */
  remove(isWanted: (recipient: ReadyRecipient) => boolean): ReadyRecipient[] {
    const removed: ReadyRecipient[] = []
    for (const { line } of this.#flows.values())
      for (let left = line.size; left > 0; left--) {
        const next = line.shift()
        if (next === undefined) break
        if (isWanted(next)) removed.push(next)
        else line.push(next)
      }
    this.#size -= removed.length
    return removed
  }

  *[Symbol.iterator](): IterableIterator<ReadyRecipient> {
    for (const { line } of this.#flows.values()) yield* line
  }

  /** Its campaign's, or else its tenant's. */
  #flowOf({ waiting: { message } }: ReadyRecipient): Flow | undefined {
    return this.#find(message.tenant, message.campaign)
  }

  #find(tenant: string, campaign: string | null): Flow | undefined {
    const at = this.#parts.place
    const ofTenant = this.#flows.get(keyOf({ kind: 'tenant', tenant, at }))
    if (campaign === null) return ofTenant
    return this.#flows.get(keyOf({ kind: 'campaign', tenant, campaign, at })) ?? ofTenant
  }

  #learn(key: string, learned: Learned): void {
    const known = this.#flows.get(key)
    const limits = this.#limitsOf(key, learned)
    if (known !== undefined) {
      known.learned = learned
      known.lane.rebind(limits)
      return
    }
    const line = new Ring<ReadyRecipient>()
    const user: LaneUser = {
      demand: () => demandOf(line, this.#parts.clock.monotonic()),
      wake: this.#parts.wake,
    }
    const lane = this.#parts.rates.lane(`${key} ${this.#parts.name}`, limits, user)
    this.#flows.set(key, { key, learned, lane, line, until: null })
  }

  /** What was learned of a campaign, and of its tenant as well. */
  #limitsOf(key: string, learned: Learned): readonly KeyedRate[] {
    const flow = flowOf(key)
    const own = rateIn(key, learned)
    if (flow?.kind !== 'campaign') return own
    const ofTenant = keyOf({ kind: 'tenant', tenant: flow.tenant, at: flow.at })
    return [...own, ...rateIn(ofTenant, this.#parts.lessons.of(ofTenant))]
  }

  #mayGo(flow: Flow): boolean {
    const admission = flow.lane.admit(this.#parts.clock.monotonic())
    flow.until = admission.kind === 'wait' ? admission.until : null
    if (admission.kind === 'wait') this.#parts.wakeAt(admission.until)
    return admission.kind === 'go'
  }
}

function rateIn(key: string, learned: Learned | null): readonly KeyedRate[] {
  const rate = learned?.messageRate
  return rate === undefined ? [] : [{ key: `messageRate ${key}`, limit: rateOf(rate.value) }]
}

function demandOf(line: Ring<ReadyRecipient>, now: DurationMs) {
  const first = line.peek()
  return {
    waiting: line.size,
    highestClass: first?.waiting.message.priority ?? 9,
    weightedDepth: line.size,
    oldestAge: ms(first === undefined ? 0 : now - first.readySince),
  }
}
