// SPDX-License-Identifier: Apache-2.0
/**
 * What is decided about campaigns, for delivery: which of them go, with which priority, and how often it is their turn. Costs nothing
 * where nothing is decided, and no more than a look by name for mail of a campaign.
 */
import type { CampaignStanding } from '../queue/campaign-standing.ts'
import { type Campaign, campaignKey } from '../records/campaign.ts'
import type { Message } from '../spool/message.ts'
import { parseQueueName } from '../spool/queue-name.ts'

type Campaigns = ReadonlyMap<string, Campaign>

export class CampaignsInForce implements CampaignStanding {
  readonly #all: () => Campaigns

  /** `all`: by `campaignKey`, as the records have them now. */
  constructor(all: () => Campaigns) {
    this.#all = all
  }

  priorityOf(message: Message): number {
    return this.#of(message.tenant, message.campaign)?.priority ?? message.priority
  }

  weightOf(message: Message): number {
    return this.#of(message.tenant, message.campaign)?.weight ?? 1
  }

  /** Of the campaign that the mail of a queue is of; `null`: it is of none, or nothing is decided about it. */
  ofQueue(queue: string): Campaign | null {
    return campaignOf(this.#all(), queue)
  }

  #of(tenant: string, campaign: string | null): Campaign | null {
    const all = this.#all()
    if (campaign === null || all.size === 0) return null
    return all.get(campaignKey(tenant, campaign)) ?? null
  }
}

function campaignOf(all: Campaigns, queue: string): Campaign | null {
  const key = all.size === 0 ? null : keyOfQueue(queue)
  return key === null ? null : (all.get(key) ?? null)
}

/** Of the campaign that a queue is of; `null`: of none. */
export function keyOfQueue(queue: string): string | null {
  const parts = parseQueueName(queue)
  if (parts === null || parts.campaign === null) return null
  return campaignKey(parts.tenant, parts.campaign)
}

/** Keys of those about which something else is decided than before. */
export function changedCampaigns(before: Campaigns, after: Campaigns): ReadonlySet<string> {
  const changed = new Set<string>()
  for (const key of new Set([...before.keys(), ...after.keys()]))
    if (gistOf(before.get(key)) !== gistOf(after.get(key))) changed.add(key)
  return changed
}

/** All that delivery goes by. */
function gistOf(campaign: Campaign | undefined): string {
  const { priority = null, state, weight = 1 } = campaign ?? {}
  return `${state?.kind ?? 'running'} ${priority} ${weight}`
}

/** Why nothing of a campaign goes; `null`: it goes. */
export function stopInWords({ state }: Campaign): string | null {
  switch (state.kind) {
    case 'running':
      return null
    case 'paused':
      return `its campaign is paused by ${state.by}: ${state.why}`
    case 'cancelled':
      return `its campaign was cancelled by ${state.by}: ${state.why}`
  }
}
