// SPDX-License-Identifier: Apache-2.0
/** Says of an endpoint that it has been down for an hour, once, and then that it is back. */
import type { DurationMs, Instant } from '../../base/brand.ts'
import { callLimits } from '../../base/limits/webhook-limits.ts'
import { formatDuration } from '../../base/quantity.ts'
import type { Webhook, WebhookId } from '../../records/webhooks/webhook.ts'
import type { EndpointHealth } from './delivery-line.ts'

export interface WebhookNotice {
  readonly what: 'webhookDown' | 'webhookUp'
  /** One sentence. */
  readonly text: string
}

interface Outage {
  readonly since: Instant
  readonly isTold: boolean
}

export class OutageWatch {
  readonly #outages = new Map<WebhookId, Outage>()

  /** What there is to say now; `null`: nothing. */
  look({ id, url }: Webhook, health: EndpointHealth, now: Instant): WebhookNotice | null {
    const known = this.#outages.get(id)
    if (health.kind === 'up') {
      this.#outages.delete(id)
      if (!known?.isTold) return null
      const lasted = formatDuration((now - known.since) as DurationMs)
      return { what: 'webhookUp', text: `webhook ${id} at ${hostOf(url)} is back after ${lasted}` }
    }
    const { isTold, since } = known ?? { isTold: false, since: now }
    const isLong = now - since >= callLimits.tellDownMs
    this.#outages.set(id, { since, isTold: isTold || isLong })
    if (isTold || !isLong) return null
    const lasted = formatDuration((now - since) as DurationMs)
    const text = `webhook ${id} at ${hostOf(url)} has taken nothing for ${lasted}, after ${health.failures} failures in a row; what happens waits for it`
    return { what: 'webhookDown', text }
  }

  forget(id: WebhookId): void {
    this.#outages.delete(id)
  }
}

/** A path may hold a secret of somebody's. */
function hostOf(url: string): string {
  return new URL(url).host
}
