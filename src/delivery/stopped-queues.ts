// SPDX-License-Identifier: Apache-2.0
/**
 * Which queues send nothing now: those that a person has suspended, those that have no pool, or a tenant that is held, and those whose
 * campaign is paused or cancelled, or has a window that is closed.
 */
import type { Instant } from '../base/brand.ts'
import { timestampOf } from '../events/event.ts'
import { queueMatcher } from '../queue/queue-pattern.ts'
import type { Directory } from '../records/directory.ts'
import {
  type CampaignsInForce,
  changedCampaigns,
  keyOfQueue,
  stopInWords,
} from './campaigns-in-force.ts'
import type { DeliveryContext } from './delivery-context.ts'

type Matcher = (queue: string) => boolean

const NONE: Directory['campaigns'] = new Map()

export class StoppedQueues {
  readonly #context: Pick<DeliveryContext, 'directory' | 'pools'>
  readonly #campaigns: CampaignsInForce
  #suspended: readonly Matcher[] = []
  #held: ((queue: string) => string | null) | null = null
  #known: Directory['campaigns'] = NONE

  constructor(context: Pick<DeliveryContext, 'directory' | 'pools'>, campaigns: CampaignsInForce) {
    this.#context = context
    this.#campaigns = campaigns
  }

  has(queue: string): boolean {
    return this.reason(queue) !== null
  }

  /** In words; `null`: it is not stopped. */
  reason(queue: string): string | null {
    const held = this.#held?.(queue) ?? null
    if (held !== null) return held
    if (this.#suspended.some((matches) => matches(queue))) return 'suspended'
    const campaign = this.#campaigns.ofQueue(queue)
    if (campaign === null) return null
    const opensAt = this.#campaigns.opensAt(campaign)
    if (opensAt === null) return stopInWords(campaign)
    const closed = `the window of its campaign (${campaign.sendWindow}), which opens at ${timestampOf(opensAt)}`
    return stopInWords(campaign) ?? closed
  }

  /** When the window of its campaign opens, which is closed now; `null`: that is not what stops it. */
  opensAt(queue: string): Instant | null {
    const campaign = this.#campaigns.ofQueue(queue)
    return campaign === null ? null : this.#campaigns.opensAt(campaign)
  }

  /** What waits there ends; who said so. `null`: it goes on. */
  cancelledBy(queue: string): string | null {
    const state = this.#campaigns.ofQueue(queue)?.state
    return state?.kind === 'cancelled' ? state.by : null
  }

  /** As the records are now. Gives whose mail takes its way anew: it goes on, ends, or stands otherwise; `null`: nobody's. */
  refresh(): Matcher | null {
    const [suspended, held] = [this.#suspended, this.#held]
    const { directory, pools } = this.#context
    const { campaigns, suspensions } = directory()
    const changed = changedCampaigns(this.#known, campaigns)
    this.#suspended = suspensions.map(({ queue }) => queueMatcher(queue))
    this.#held = pools.holds()
    this.#known = campaigns
    if (suspended.length === 0 && held === null && changed.size === 0) return null
    const wasStopped = (queue: string) =>
      (held?.(queue) ?? null) !== null || suspended.some((matches) => matches(queue))
    return (queue) => {
      const key = changed.size === 0 ? null : keyOfQueue(queue)
      return (key !== null && changed.has(key)) || (wasStopped(queue) && !this.has(queue))
    }
  }
}
