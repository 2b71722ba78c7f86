// SPDX-License-Identifier: Apache-2.0
/**
 * One request to an endpoint, until it is taken or given up:
 *
 *     gathering ──full, or its time is over──▶ ready ──▶ sending ──taken──▶ ended
 *                                                ▲          │ ──three days, or its events are gone──▶ ended
 *                                                └──due── resting
 */
import type { Instant } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'
import type { Event } from '../../events/event.ts'
import type { EventPlace } from '../../spool/event-feed.ts'

/** An event of a request: where it lies, and which message it is about. */
export interface DeliveryEvent extends EventPlace {
  readonly message: string | null
}

/** What outlives a restart. */
export interface SavedDelivery {
  /** `webhook-id`. */
  readonly id: string
  readonly events: readonly DeliveryEvent[]
  readonly attempts: number
  /** `null`: there was no attempt yet. */
  readonly firstAt: Instant | null
  /** Of the next attempt. */
  readonly dueAt: Instant
}

export type DeliveryState =
  /** More events may come to it until then. */
  | { readonly kind: 'gathering'; readonly until: Instant }
  | { readonly kind: 'ready' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'resting'; readonly dueAt: Instant }
  | { readonly kind: 'ended' }

type Kind = DeliveryState['kind']

const next = {
  gathering: ['ready'],
  ready: ['sending'],
  sending: ['resting', 'ended', 'ready'],
  resting: ['ready'],
  ended: [],
} as const satisfies Record<Kind, readonly Kind[]>

export class Delivery {
  /** In the order in which they happened, with what they say where that is at hand. */
  readonly events: DeliveryEvent[] = []
  texts: Event[] | null = []
  attempts = 0
  firstAt: Instant | null = null
  #state: DeliveryState

  constructor(state: DeliveryState) {
    this.#state = state
  }

  static restored({ events, attempts, firstAt, dueAt }: SavedDelivery): Delivery {
    const delivery = new Delivery({ kind: 'resting', dueAt })
    delivery.events.push(...events)
    delivery.texts = null
    delivery.attempts = attempts
    delivery.firstAt = firstAt
    return delivery
  }

  get state(): DeliveryState {
    return this.#state
  }

  /** The same whenever the same events are sent. */
  get id(): string {
    const [first] = this.events
    const last = this.events.at(-1)
    if (first === undefined || last === undefined) return ''
    const start = `evt_${first.journal}-${first.lsn}`
    return this.events.length === 1
      ? start
      : `${start}_${last.journal}-${last.lsn}_${this.events.length}`
  }

  add(event: DeliveryEvent, text: Event): void {
    this.events.push(event)
    this.texts?.push(text)
  }

  enter(state: DeliveryState): void {
    const allowed: readonly Kind[] = next[this.#state.kind]
    invariant(allowed.includes(state.kind), `a delivery goes ${this.#state.kind} → ${state.kind}`)
    this.#state = state
  }

  saved(now: Instant): SavedDelivery {
    const { attempts, events, firstAt, id } = this
    const dueAt = this.#state.kind === 'resting' ? this.#state.dueAt : now
    return { id, events: [...events], attempts, firstAt, dueAt }
  }
}
