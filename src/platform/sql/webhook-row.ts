// SPDX-License-Identifier: Apache-2.0
/** An endpoint of a webhook as a row. */
import type { Webhook } from '../../records/webhooks/webhook.ts'

export interface WebhookRow extends Omit<Webhook, 'types' | 'isPaused'> {
  /** JSON list. */
  readonly types: string
  readonly isPaused: 0 | 1
}

export function webhookRowOf(webhook: Webhook): WebhookRow {
  return {
    ...webhook,
    types: JSON.stringify(webhook.types),
    isPaused: webhook.isPaused ? 1 : 0,
  }
}

export function webhookOf(row: WebhookRow): Webhook {
  return { ...row, types: JSON.parse(row.types) as string[], isPaused: row.isPaused === 1 }
}
