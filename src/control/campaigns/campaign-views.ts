// SPDX-License-Identifier: Apache-2.0
/** Campaigns as people see them: what is decided about each, what waits of it, and what became of the rest. */
import { campaignLimits } from '../../base/limits/campaign-limits.ts'
import { rateLimits } from '../../base/limits/rate-limits.ts'
import { type Campaign, campaignKey } from '../../records/campaigns/campaign.ts'
import type { CampaignId } from '../../records/campaigns/campaign-service.ts'
import { unknownRecord } from '../../records/naming.ts'
import { noCounts, type RateCounts } from '../../records/rate.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { MailDesk } from '../desk/mail-desk.ts'
import { OTHER } from '../rates/rate-counts.ts'
import type { CampaignCounts, CampaignFilter } from './campaign-counts.ts'

export interface CampaignView {
  readonly tenant: string
  readonly name: string
  /** `null`: nothing is decided about it. */
  readonly record: Campaign | null
  /** `null` where no relay runs. */
  readonly counts: CampaignCounts | null
  /** Of the mail of the last `rateLimits.keptDays` days. */
  readonly ends: RateCounts
}

export interface CampaignViewParts {
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly desk: Pick<MailDesk, 'campaigns'> | null
}

/** All of which something is known, in the order of tenants and names. */
export async function listCampaigns(
  parts: CampaignViewParts,
  filter: CampaignFilter,
): Promise<readonly CampaignView[]> {
  const { clock, store } = parts.records
  const { name, tenant } = filter
  const since = Math.floor(clock.now() / rateLimits.dayMs) - rateLimits.keptDays + 1
  const chosen = { ...(tenant !== null && { tenant }), ...(name !== null && { name }) }
  const [records, counts, sums] = await Promise.all([
    store.campaigns.list(),
    parts.desk?.campaigns(filter, campaignLimits.listed) ?? null,
    store.rates.sums({ since, dimension: 'campaign', ...chosen }, campaignLimits.listed),
  ])
  const views = new Map<string, CampaignView>()
  const viewOf = (each: { readonly tenant: string; readonly name: string }): CampaignView => {
    const known = views.get(campaignKey(each.tenant, each.name))
    if (known !== undefined) return known
    const none = { waiting: 0, ready: 0, inFlight: 0, emptyInSeconds: 0 }
    const id = { tenant: each.tenant, name: each.name }
    return { ...id, record: null, counts: counts && { ...id, ...none }, ends: noCounts }
  }
  const put = (view: CampaignView) => views.set(campaignKey(view.tenant, view.name), view)
  for (const record of records)
    if ((tenant ?? record.tenant) === record.tenant && (name ?? record.name) === record.name)
      put({ ...viewOf(record), record })
  for (const each of counts ?? []) put({ ...viewOf(each), counts: each })
  for (const sum of sums) if (sum.name !== OTHER) put({ ...viewOf(sum), ends: sum })
  return [...views.values()].sort(byKey)
}

/** Throws `RLY_RECORD_UNKNOWN` where nothing is known of it, with the nearest that is. */
export async function showCampaign(
  parts: CampaignViewParts,
  { tenant, name }: CampaignId,
): Promise<CampaignView> {
  const [found] = await listCampaigns(parts, { tenant, name })
  if (found !== undefined) return found
  const all = await listCampaigns(parts, { tenant, name: null })
  throw unknownRecord(
    'campaign',
    name,
    all.map((each) => each.name),
  )
}

function byKey(one: CampaignView, other: CampaignView): number {
  return campaignKey(one.tenant, one.name) < campaignKey(other.tenant, other.name) ? -1 : 1
}
