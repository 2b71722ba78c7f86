// SPDX-License-Identifier: Apache-2.0
/** How much waits of each campaign, in one process, and how long that takes at the pace that its sites let through. */
import { campaignKey } from '../../records/campaigns/campaign.ts'
import { parseQueueName } from '../../spool/queue-name.ts'
import { paceOf } from '../queues/limit-views.ts'
import type { QueueParts, QueueViews } from '../queues/queue-views.ts'

/** What is meant; `null`: any. */
export interface CampaignFilter {
  readonly tenant: string | null
  readonly name: string | null
}

export interface CampaignCounts {
  readonly tenant: string
  readonly name: string
  /** In the index, in windows, on connections. */
  readonly waiting: number
  readonly ready: number
  readonly inFlight: number
  /** Seconds until the last of its queues is empty, where limits of their sites say that; 0: none does. */
  readonly emptyInSeconds: number
}

/** The `limit` campaigns with most recipients. */
export async function countCampaigns(
  views: Pick<QueueViews, 'each'>,
  filter: CampaignFilter,
  limit: number,
): Promise<readonly CampaignCounts[]> {
  const found = new Map<string, CampaignCounts>()
  await views.each((queue, parts) => {
    const { campaign, tenant } = parseQueueName(queue) ?? { campaign: null, tenant: '' }
    if (campaign === null || (filter.tenant ?? tenant) !== tenant) return
    if ((filter.name ?? campaign) !== campaign) return
    const key = campaignKey(tenant, campaign)
    const own = countsOf(tenant, campaign, parts)
    const known = found.get(key)
    found.set(key, known === undefined ? own : bothQueues(known, own))
  })
  return largest([...found.values()], limit)
}

/** Of several processes. */
export function mergeCampaigns(
  all: readonly CampaignCounts[],
  limit: number,
): readonly CampaignCounts[] {
  const merged = new Map<string, CampaignCounts>()
  for (const own of all) {
    const key = campaignKey(own.tenant, own.name)
    const known = merged.get(key)
    merged.set(key, known === undefined ? own : bothProcesses(known, own))
  }
  return largest([...merged.values()], limit)
}

function countsOf(tenant: string, name: string, parts: QueueParts): CampaignCounts {
  const { inFlight, ready, site, waiting } = parts
  const pace = site === null ? null : paceOf(site.shaping)
  const emptyInSeconds = pace === null || pace === 0 ? 0 : (waiting + ready) / pace
  return { tenant, name, waiting, ready, inFlight, emptyInSeconds }
}

/** Queues are emptied beside each other. */
function bothQueues(one: CampaignCounts, other: CampaignCounts): CampaignCounts {
  const emptyInSeconds = Math.max(one.emptyInSeconds, other.emptyInSeconds)
  return { ...summed(one, other), emptyInSeconds }
}

/** Processes share the pace. */
function bothProcesses(one: CampaignCounts, other: CampaignCounts): CampaignCounts {
  return { ...summed(one, other), emptyInSeconds: one.emptyInSeconds + other.emptyInSeconds }
}

function summed(one: CampaignCounts, other: CampaignCounts) {
  return {
    tenant: one.tenant,
    name: one.name,
    waiting: one.waiting + other.waiting,
    ready: one.ready + other.ready,
    inFlight: one.inFlight + other.inFlight,
  }
}

function largest(all: readonly CampaignCounts[], limit: number): readonly CampaignCounts[] {
  const sizeOf = ({ inFlight, ready, waiting }: CampaignCounts) => waiting + ready + inFlight
  return all.toSorted((one, other) => sizeOf(other) - sizeOf(one)).slice(0, limit)
}
