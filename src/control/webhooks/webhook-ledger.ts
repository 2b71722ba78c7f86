// SPDX-License-Identifier: Apache-2.0
/** What is kept of webhooks beside the journals: how far each endpoint is, and what is under way to it. */
import type { Instant } from '../../base/brand.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { WebhookId } from '../../records/webhooks/webhook.ts'
import type { SavedDelivery } from './delivery.ts'

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

export interface WebhookLedger extends Disposable {
  /** Endpoints that were set up before are told of what happens from then on. */
  readonly madeAt: Instant
  /** `null`: it is new. */
  place(webhook: WebhookId): EndpointPlace | null
  /** All or nothing. */
  save(places: readonly EndpointPlaces[]): void
  /** Endpoints that are no more. */
  keepOnly(webhooks: readonly WebhookId[]): void
}
