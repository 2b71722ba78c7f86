// SPDX-License-Identifier: Apache-2.0
/** What people, and rates that are too high, decide about campaigns. Delivery and the way in go by the records. */

import { RelayError } from '../../base/errors.ts'
import { campaignLimits } from '../../base/limits/campaign-limits.ts'
import { labelLimits } from '../../base/limits/label-limits.ts'
import type { Slug } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import {
  acted,
  type Campaign,
  type CampaignAct,
  campaignKey,
  isPlain,
  isUsual,
  plainCampaign,
  type Stopped,
} from './campaign.ts'
import type { CampaignSpread } from './campaign-spread.ts'

export interface CampaignId {
  readonly tenant: Slug
  readonly name: string
}

/** What is not there stays as it is. */
export type CampaignChanges = Partial<
  Pick<Campaign, 'priority' | 'weight' | 'sendWindow' | 'pace' | 'mark'>
>

/** `changed`: it was not so already. */
export interface Decided {
  readonly campaign: Campaign
  readonly changed: boolean
}

/** Throws `RLY_RECORD_INVALID` where no message could bear it. */
export function campaignName(text: string): string {
  if (/^\P{Cc}+$/u.test(text) && text.length <= labelLimits.campaignCharacters) return text
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `"${text.slice(0, 200)}" cannot name a campaign: expected 1 to ${labelLimits.campaignCharacters} printable characters`,
  )
}

/** `null`: nothing is decided about it. */
export async function campaignOf(
  store: Store,
  { tenant, name }: CampaignId,
): Promise<Campaign | null> {
  const all = await store.campaigns.list()
  return all.find((each) => each.tenant === tenant && each.name === name) ?? null
}

/** Pauses, resumes or cancels; also one of which no mail has come yet. */
export function actOnCampaign(
  context: Pick<RecordsContext, 'store' | 'clock'>,
  id: CampaignId,
  act: CampaignAct,
  { by, why }: Omit<Stopped, 'since'>,
): Promise<Decided> {
  const since = context.clock.now()
  return decide(context, id, (campaign) => acted(campaign, act, { by, why, since }) ?? campaign)
}

export function changeCampaign(
  context: Pick<RecordsContext, 'store' | 'clock'>,
  id: CampaignId,
  changes: CampaignChanges,
): Promise<Decided> {
  if (Object.keys(changes).length === 0)
    throw new RelayError('RLY_RECORD_INVALID', `nothing of campaign "${id.name}" is to change`)
  const changedAt = context.clock.now()
  const { pace, sendWindow } = changes
  const isSaid = pace !== undefined || sendWindow !== undefined
  const spread = isSaid ? ({ spreadBy: 'person' } as const) : {}
  return decide(context, id, (campaign) => ({ ...campaign, ...changes, ...spread, changedAt }))
}

/** As its mail says; where that, or somebody, has said so before, nothing changes. */
export function spreadCampaign(
  context: Pick<RecordsContext, 'store' | 'clock'>,
  id: CampaignId,
  spread: CampaignSpread,
): Promise<Decided> {
  const changedAt = context.clock.now()
  return decide(context, id, (campaign) =>
    campaign.spreadBy === null ? { ...campaign, ...spread, spreadBy: 'mail', changedAt } : campaign,
  )
}

function decide(
  { clock, store }: Pick<RecordsContext, 'store' | 'clock'>,
  { tenant, name }: CampaignId,
  decision: (campaign: Campaign) => Campaign,
): Promise<Decided> {
  return store.transaction(async (within) => {
    const own = (await within.campaigns.list()).filter((each) => each.tenant === tenant)
    const known = own.find((each) => each.name === name)
    const before = known ?? plainCampaign(tenant, campaignName(name), clock.now())
    const campaign = decision(before)
    if (campaign === before) return { campaign, changed: false }
    if (isPlain(campaign)) await within.campaigns.remove(tenant, name)
    else {
      if (known === undefined) await makeRoom(within, own, clock.now())
      await within.campaigns.put(campaign)
    }
    return { campaign, changed: true }
  })
}

async function makeRoom(store: Store, own: readonly Campaign[], now: number): Promise<void> {
  if (own.length < campaignLimits.perTenant) return
  const long = now - campaignLimits.cancelledForMs
  const old = own.filter(
    (each) => each.changedAt < long && (each.state.kind === 'cancelled' || isUsual(each)),
  )
  if (old.length === 0)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `something is decided about ${own.length} campaigns already, and no more are kept: set those that are over to what all campaigns have`,
    )
  for (const { tenant, name } of old) await store.campaigns.remove(tenant, name)
}

/** By `campaignKey`. */
export function campaignsByKey(all: readonly Campaign[]): ReadonlyMap<string, Campaign> {
  return new Map(all.map((each) => [campaignKey(each.tenant, each.name), each]))
}
