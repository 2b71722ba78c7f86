// SPDX-License-Identifier: Apache-2.0
/**
 * Which queues send nothing now: those that a person has suspended, those that have no pool, or a tenant that is held, and those whose
 * campaign is paused or cancelled, or has a window that is closed.
 */
import type { Instant } from '../base/brand.ts'
import { anyGlob, Glob } from '../base/glob.ts'
import { timestampOf } from '../events/event.ts'
import type { Campaign } from '../records/campaigns/campaign.ts'
import type { Directory } from '../records/directory.ts'
import type { Suspension } from '../records/records.ts'
import {
  type CampaignsInForce,
  changedCampaigns,
  keyOfQueue,
  stopInWords,
} from './campaigns-in-force.ts'
import type { DeliveryContext } from './delivery-context.ts'

type Matcher = (queue: string) => boolean

type StopContext = Pick<DeliveryContext, 'announce' | 'directory' | 'pools'>

const NONE: ReadonlyMap<string, Campaign> = new Map()

export class StoppedQueues {
  readonly #context: StopContext
  readonly #campaigns: CampaignsInForce
  #suspended: readonly Glob[] = []
  /** Stored patterns that break the bounds: each is said once. */
  #skipped: ReadonlySet<string> = new Set()
  #held: ((queue: string) => string | null) | null = null
  #known: Directory['campaigns'] = NONE

  constructor(context: StopContext, campaigns: CampaignsInForce) {
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
    if (anyGlob(this.#suspended, queue)) return 'suspended'
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
    this.#suspended = this.#globsOf(suspensions)
    this.#held = pools.holds()
    this.#known = campaigns
    if (suspended.length === 0 && held === null && changed.size === 0) return null
    const wasStopped = (queue: string) =>
      (held?.(queue) ?? null) !== null || anyGlob(suspended, queue)
    return (queue) => {
      const key = changed.size === 0 ? null : keyOfQueue(queue)
      return (key !== null && changed.has(key)) || (wasStopped(queue) && !this.has(queue))
    }
  }

  /** Stored patterns were checked when they came in; one that breaks the bounds now must not stop the relay from starting. */
  #globsOf(suspensions: readonly Pick<Suspension, 'queue'>[]): readonly Glob[] {
    const skipped = new Set<string>()
    const globs: Glob[] = []
    for (const { queue } of suspensions) {
      const glob = Glob.parse(queue)
      if (glob instanceof Glob) globs.push(glob)
      else {
        skipped.add(queue)
        if (!this.#skipped.has(queue))
          this.#context.announce(
            'queue.suspension-skipped',
            `a suspension has no effect: ${glob}; resume it, and suspend the queues by a shorter pattern`,
          )
      }
    }
    this.#skipped = skipped
    return globs
  }
}
