// SPDX-License-Identifier: Apache-2.0
/** Webhooks: where a tenant wants to be told of what happens, and how. */
import type { Brand, DurationMs, Instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'

export type WebhookId = Brand<string, 'WebhookId'>

/** One endpoint. */
export interface Webhook {
  readonly id: WebhookId
  readonly tenant: Slug
  /** Only events of this stream; `null`: all of the tenant's. */
  readonly stream: Slug | null
  readonly url: string
  /** For people. */
  readonly note: string
  /** Names of types, or patterns with `*`; empty: every type. */
  readonly types: readonly string[]
  /** Events in one request, at most; 1: each has a request of its own. */
  readonly batchEvents: number
  /** How long the first of them waits for others. */
  readonly batchWait: DurationMs
  /** Nothing is sent; what happens meanwhile is sent later. */
  readonly isPaused: boolean
  /** Signs; see `webhook-secret.ts`. */
  readonly sealedSecret: Uint8Array
  /** Signs as well until it ends, so that a receiver can change over; `null`: there is none. */
  readonly sealedOldSecret: Uint8Array | null
  readonly oldSecretEndsAt: Instant | null
  readonly createdAt: Instant
}

/** The part of the store that keeps them. */
export interface WebhookRecords {
  /** In the order of ids. */
  list(): Promise<readonly Webhook[]>
  put(webhook: Webhook): Promise<void>
  remove(id: WebhookId): Promise<boolean>
}
