// SPDX-License-Identifier: Apache-2.0
/** The bounds of webhooks, beside `limits.ts`: what each counts, and what happens when it is full. */

const HOUR_MS = 3_600_000

export const webhookLimits = {
  /** Endpoints of a tenant, and of the installation: each costs the filtering of all events. 422. */
  perTenant: 50,
  perInstallation: 1_000,
  urlCharacters: 2_000,
  noteCharacters: 200,
  /** Names or patterns of types of one endpoint. 400. */
  types: 50,
  /** Events in one request. 422. */
  batchEvents: 1_000,
  /** How long the first event of a request may wait for others. 422. */
  batchWaitMs: 60_000,
  /** How long the secret before the last one is good after a rotation. 422. */
  overlapMs: 30 * 24 * HOUR_MS,
} as const
