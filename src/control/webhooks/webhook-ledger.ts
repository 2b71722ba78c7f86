// SPDX-License-Identifier: Apache-2.0
/** What is kept of webhooks beside the journals: how far each endpoint is, and what is under way to it. */
import type { DurationMs, Instant } from '../../base/brand.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { WebhookId } from '../../records/webhooks/webhook.ts'
import type { DeliveryEvent, SavedDelivery } from './delivery.ts'

export interface EndpointPlace {
  /** All before it is taken, under way, or given up. */
  readonly position: Cursor
  /** What happened before then is not for it. */
  readonly since: Instant
  readonly line: readonly SavedDelivery[]
}

export interface EndpointPlaces {
  readonly webhook: WebhookId
  readonly place: EndpointPlace
}

/** One call of an endpoint, as people look at it. */
export interface LoggedAttempt {
  readonly webhook: WebhookId
  readonly at: Instant
  /** `webhook-id`. */
  readonly delivery: string
  /** None: it was a test. */
  readonly events: readonly DeliveryEvent[]
  /** From 1. */
  readonly attempt: number
  readonly url: string
  /** `null`: it did not answer. */
  readonly status: number | null
  /** The beginning of what it answered. */
  readonly answer: string
  /** Why it did not answer; `null`: it did. */
  readonly why: string | null
  readonly duration: DurationMs
}

export interface DeadLetter {
  readonly webhook: WebhookId
  readonly delivery: SavedDelivery
  readonly deadAt: Instant
  /** What came of its last attempt. */
  readonly why: string
}

/** With the number by which pages follow each other; it grows. */
export type Numbered<T> = T & { readonly number: number }

export interface LedgerChanges {
  readonly places: readonly EndpointPlaces[]
  readonly attempts: readonly LoggedAttempt[]
  readonly dead: readonly DeadLetter[]
  /** Numbers of dead letters that are under way again. */
  readonly revived: readonly number[]
}

export interface WebhookLedger extends Disposable {
  /** Endpoints that were set up before are told of what happens from then on. */
  readonly madeAt: Instant
  /** What is wrong with its file, in words: it was damaged, or somebody took it away. Cheap: asked once a second. */
  damage(): string | null
  /** Its file goes aside, and a new one can be opened. Gives where it is, where it still is. */
  setAside(): string | null
  /** `null`: it is new. */
  place(webhook: WebhookId): EndpointPlace | null
  /** All or nothing. */
  save(changes: LedgerChanges): void
  /** Forgets endpoints that are no more. */
  keepOnly(webhooks: readonly WebhookId[]): void
  /** The newest first; only those before `before`. */
  attempts(
    webhook: WebhookId,
    before: number | null,
    limit: number,
  ): readonly Numbered<LoggedAttempt>[]
  attempt(webhook: WebhookId, number: number): LoggedAttempt | null
  dead(webhook: WebhookId, before: number | null, limit: number): readonly Numbered<DeadLetter>[]
  deadCount(webhook: WebhookId): number
  /** Dead letters that shall be sent again, all of them or these. Gives how many there are. */
  askAgain(webhook: WebhookId, numbers: readonly number[] | null): number
  /** Those that shall, the oldest first. */
  again(webhook: WebhookId, limit: number): readonly Numbered<DeadLetter>[]
}
