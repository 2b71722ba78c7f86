// SPDX-License-Identifier: Apache-2.0
/**
 * What is under way to one endpoint, in order: arithmetic, without sockets. Order is kept per message: a delivery waits as long as an
 * earlier one about the same message has not ended. An endpoint that fails several times in a row is down:
 *
 *     up ──failures in a row, or it asks for time──▶ down ──one that is taken──▶ up
 *
 * While it is down one request at a time tries it, the one that was tried least: what it can never take must not keep it down.
 */
import { type DurationMs, type Instant, instant, ms, plus } from '../../base/brand.ts'
import { callLimits } from '../../base/limits/webhook-limits.ts'
import type { Random } from '../../base/random.ts'
import type { FedEvent } from '../../spool/event-feed.ts'
import { Delivery, type SavedDelivery } from './delivery.ts'
import { longestWait, waitAfter } from './retry-waits.ts'

export interface Batching {
  readonly events: number
  readonly wait: DurationMs
}

export type EndpointHealth =
  /** `failures`: in a row. */
  | { readonly kind: 'up'; readonly failures: number }
  | { readonly kind: 'down'; readonly failures: number; readonly until: Instant }

export type Step =
  | { readonly kind: 'send'; readonly delivery: Delivery }
  /** Something is due then; `null`: when something changes. */
  | { readonly kind: 'wait'; readonly until: Instant | null }

export type Outcome =
  | { readonly kind: 'taken' }
  /** `retryAfter`: the endpoint asked for it. */
  | { readonly kind: 'failed'; readonly retryAfter: DurationMs | null }
  /** Nothing is kept of its events. */
  | { readonly kind: 'gone' }

export class DeliveryLine {
  readonly #random: Random
  #deliveries: Delivery[]
  #health: EndpointHealth = { kind: 'up', failures: 0 }
  /** Octets of the request that is gathered. */
  #gathered = 0

  /** `saved`: what was under way at an earlier start, perhaps by another clock. */
  constructor(random: Random, saved: readonly SavedDelivery[], now: Instant) {
    const latest = plus(now, longestWait)
    this.#random = random
    this.#deliveries = saved.map((one) =>
      Delivery.restored({ ...one, dueAt: instant(Math.min(one.dueAt, latest)) }),
    )
  }

  get health(): EndpointHealth {
    return this.#health
  }

  get length(): number {
    return this.#deliveries.length
  }

  /** While it is down, one that was not tried yet is enough. */
  get wantsMore(): boolean {
    if (!this.hasRoom) return false
    return this.#health.kind === 'up' || this.#deliveries.every(({ attempts }) => attempts > 0)
  }

  get hasRoom(): boolean {
    return this.length < callLimits.lineDeliveries && this.#events < callLimits.lineEvents
  }

  /** Events with what they say. */
  get held(): number {
    return this.#deliveries.reduce((sum, { texts }) => sum + (texts?.length ?? 0), 0)
  }

  get #events(): number {
    return this.#deliveries.reduce((sum, delivery) => sum + delivery.events.length, 0)
  }

  add(fed: FedEvent, batching: Batching, now: Instant): void {
    const { event, journal, lsn, segment, offset } = fed
    const message = 'messageId' in event ? event.messageId : null
    const octets = batching.events === 1 ? 0 : JSON.stringify(event).length
    const last = this.#gathering()
    const fits = this.#gathered + octets <= callLimits.bodyOctets
    if (last !== null && !fits) last.enter({ kind: 'ready' })
    const open = last !== null && fits ? last : this.#open(batching, now)
    if (this.#events >= callLimits.heldEvents) open.texts = null
    open.add({ journal, lsn, segment, offset, message }, event)
    this.#gathered += octets
    if (open.events.length >= batching.events) open.enter({ kind: 'ready' })
  }

  /** A dead letter is tried again, as one that was never tried. */
  addAgain(saved: SavedDelivery): void {
    this.#deliveries.push(Delivery.restored({ ...saved, attempts: 0, firstAt: null }))
  }

  /** What it says to send is being sent from then on. */
  next(now: Instant): Step {
    for (const delivery of this.#deliveries) wake(delivery, now)
    const { kind: health } = this.#health
    const sending = this.#deliveries.filter(({ state }) => state.kind === 'sending').length
    if (sending >= (health === 'up' ? callLimits.requestsAtOnce : 1))
      return { kind: 'wait', until: null }
    const free = this.#free()
    if (this.#health.kind === 'down') {
      if (now < this.#health.until) return { kind: 'wait', until: this.#health.until }
      return this.#try(free)
    }
    const ready = free.find(({ state }) => state.kind === 'ready')
    return ready === undefined ? { kind: 'wait', until: earliest(free) } : sent(ready)
  }

  /** Gives whether it is dead now. */
  settle(delivery: Delivery, outcome: Outcome, now: Instant): boolean {
    if (outcome.kind === 'gone') {
      this.#end(delivery)
      return false
    }
    delivery.attempts++
    delivery.firstAt ??= now
    if (outcome.kind === 'taken') {
      this.#enter({ kind: 'up', failures: 0 })
      this.#end(delivery)
      return false
    }
    this.#failed(outcome.retryAfter, now)
    if (now - delivery.firstAt >= callLimits.lifeMs) {
      this.#end(delivery)
      return true
    }
    delivery.texts = null
    const wait = Math.max(waitAfter(delivery.attempts, this.#random), outcome.retryAfter ?? 0)
    delivery.enter({ kind: 'resting', dueAt: plus(now, ms(wait)) })
    return false
  }

  saved(now: Instant): readonly SavedDelivery[] {
    return this.#deliveries.map((delivery) => delivery.saved(now))
  }

  #failed(retryAfter: DurationMs | null, now: Instant): void {
    const failures = this.#health.failures + 1
    if (failures < callLimits.downAfter && retryAfter === null) {
      this.#enter({ kind: 'up', failures })
      return
    }
    const inDown = Math.max(1, failures - callLimits.downAfter + 1)
    const wait = Math.max(waitAfter(inDown, this.#random), retryAfter ?? 0)
    this.#enter({ kind: 'down', failures, until: plus(now, ms(wait)) })
    // It may be long until then: what they say is read again.
    for (const delivery of this.#deliveries)
      if (delivery.state.kind !== 'sending') delivery.texts = null
  }

  #enter(health: EndpointHealth): void {
    this.#health = health
  }

  #end(delivery: Delivery): void {
    delivery.enter({ kind: 'ended' })
    this.#deliveries = this.#deliveries.filter((other) => other !== delivery)
  }

  /** The one that was tried least, the earliest of those. */
  #try(free: readonly Delivery[]): Step {
    let least: Delivery | null = null
    for (const delivery of free)
      if (delivery.state.kind !== 'gathering' && delivery.attempts < (least?.attempts ?? Infinity))
        least = delivery
    if (least === null) return { kind: 'wait', until: earliest(free) }
    if (least.state.kind === 'resting') least.enter({ kind: 'ready' })
    return sent(least)
  }

  /** Those that wait for no earlier one about the same message. */
  #free(): readonly Delivery[] {
    const held = new Set<string>()
    const free: Delivery[] = []
    for (const delivery of this.#deliveries) {
      const messages = delivery.events.flatMap(({ message }) => message ?? [])
      if (delivery.state.kind !== 'sending' && !messages.some((message) => held.has(message)))
        free.push(delivery)
      for (const message of messages) held.add(message)
    }
    return free
  }

  #gathering(): Delivery | null {
    const last = this.#deliveries.at(-1)
    return last?.state.kind === 'gathering' ? last : null
  }

  #open({ wait }: Batching, now: Instant): Delivery {
    const delivery = new Delivery({ kind: 'gathering', until: plus(now, wait) })
    this.#deliveries.push(delivery)
    this.#gathered = 0
    return delivery
  }
}

function sent(delivery: Delivery): Step {
  delivery.enter({ kind: 'sending' })
  return { kind: 'send', delivery }
}

function wake(delivery: Delivery, now: Instant): void {
  const { state } = delivery
  if (state.kind === 'gathering' && now >= state.until) delivery.enter({ kind: 'ready' })
  if (state.kind === 'resting' && now >= state.dueAt) delivery.enter({ kind: 'ready' })
}

function earliest(deliveries: readonly Delivery[]): Instant | null {
  let least = Number.POSITIVE_INFINITY
  for (const { state } of deliveries) {
    if (state.kind === 'gathering') least = Math.min(least, state.until)
    if (state.kind === 'resting') least = Math.min(least, state.dueAt)
  }
  return least === Number.POSITIVE_INFINITY ? null : instant(least)
}
