// SPDX-License-Identifier: Apache-2.0
/** `/campaigns`: mail of one label, and what is decided about it. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { campaignLimits } from '../../base/limits/campaign-limits.ts'
import { labelLimits } from '../../base/limits/label-limits.ts'
import {
  type CampaignView,
  listCampaigns,
  showCampaign,
} from '../../control/campaigns/campaign-views.ts'
import type { AnnouncedEvent } from '../../control/desk/mail-desk.ts'
import { type CampaignAct, campaignKey, campaignStates } from '../../records/campaigns/campaign.ts'
import {
  actOnCampaign,
  type CampaignId,
  changeCampaign,
  type Decided,
} from '../../records/campaigns/campaign-service.ts'
import type { Slug } from '../../records/records.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import { tenantOf } from '../../records/tenant-service.ts'
import type { ApiContext } from '../http/api-context.ts'
import type { Caller } from '../http/caller.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'
import { changes, changesIn } from './campaign-changes.ts'
import { campaign, decided, decidedOf, viewOf } from './campaign-fields.ts'
import { whoActs } from './queue-fields.ts'

const byName = z.strictObject({ name: z.string().min(1).max(labelLimits.campaignCharacters) })
const because = z.strictObject({
  reason: z.string().max(campaignLimits.reasonCharacters).default(''),
})

export const list = route({
  id: 'campaigns.list',
  method: 'GET',
  path: '/campaigns',
  summary: `Lists campaigns of which mail waits, came to an end in the last 90 days, or about which something is decided; of more than ${campaignLimits.listed} the largest.`,
  needs: 'read',
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(campaignStates),
    sort: sortBy(['name', 'waiting', 'delivered', 'complained', 'complaintRate', 'bounceRate']),
  }),
  answer: pageOf(campaign),
  run: async ({ scope, query }, context) => {
    const tenant = scope.kind === 'tenant' ? scope.tenant : null
    const now = context.records.clock.now()
    const all = await listCampaigns(context, { tenant, name: null })
    const rows = all.map((view) =>
      viewOf(view, context.directory().streamsOf(view.tenant as Slug), now),
    )
    return paged(
      inState(rows, query.state, ({ state }) => state),
      (row) => campaignKey(row.tenant, row.name),
      query,
    )
  },
})

export const show = route({
  id: 'campaigns.show',
  method: 'GET',
  path: '/campaigns/{name}',
  summary: 'Shows a campaign: what is decided about it, what waits, and what became of the rest.',
  needs: 'read',
  params: byName,
  answer: campaign,
  run: async ({ scope, params }, context) => {
    const id = await idOf(scope, params.name, context)
    const found = await showCampaign(context, id)
    const streams = context.directory().streamsOf(id.tenant)
    return viewOf(found, streams, context.records.clock.now())
  },
})

export const pause = route({
  id: 'campaigns.pause',
  method: 'POST',
  path: '/campaigns/{name}/pause',
  summary: 'Lets nothing of a campaign go: what is in flight ends, new mail is taken and waits.',
  needs: 'setup',
  params: byName,
  body: because,
  answer: decided,
  run: async ({ caller, scope, params, body }, context) =>
    act(context, caller, await knownOf(scope, params.name, context), 'pause', body.reason),
})

export const resume = route({
  id: 'campaigns.resume',
  method: 'POST',
  path: '/campaigns/{name}/resume',
  summary: 'Lets a paused campaign go on, or lets in new mail of a cancelled one.',
  needs: 'setup',
  params: byName,
  answer: decided,
  run: async ({ caller, scope, params }, context) => {
    const id = await idOf(scope, params.name, context)
    checkEnded(await showCampaign(context, id))
    return act(context, caller, id, 'resume', '')
  },
})

export const cancel = route({
  id: 'campaigns.cancel',
  method: 'POST',
  path: '/campaigns/{name}/cancel',
  summary:
    'Ends all mail of a campaign that waits, with an event for each recipient, and refuses more.',
  needs: 'setup',
  params: byName,
  body: because,
  answer: decided,
  run: async ({ caller, scope, params, body }, context) => {
    const id = await knownOf(scope, params.name, context)
    const answer = await act(context, caller, id, 'cancel', body.reason)
    // What waits for a decision has one.
    const held = { message: null, stream: null, by: null, credential: null, campaign: id.name }
    await context.desk?.decide({ ...held, tenant: id.tenant }, 'cancel', answer.by ?? '')
    return answer
  },
})

export const change = route({
  id: 'campaigns.change',
  method: 'PATCH',
  path: '/campaigns/{name}',
  summary:
    'Changes how a campaign stands towards others, when its mail goes and how fast; also before its first message.',
  needs: 'setup',
  params: byName,
  body: changes,
  answer: decided,
  run: async ({ caller, scope, params, body }, context) => {
    const id = await idOf(scope, params.name, context)
    const wanted = changesIn(body, () => leftOf(context, id))
    const answer = await changeCampaign(context.records, id, await wanted)
    return told(context, caller, id, 'campaignChanged', answer, 'changed')
  },
})

/** What waits of it now. */
async function leftOf(context: ApiContext, id: CampaignId): Promise<number> {
  const { counts } = await showCampaign(context, id)
  return (counts?.waiting ?? 0) + (counts?.ready ?? 0)
}

async function idOf(
  scope: TenantScope,
  name: string,
  { records }: ApiContext,
): Promise<CampaignId> {
  return { tenant: (await tenantOf(records.store, scope)).id, name }
}

/** Throws `RLY_RECORD_UNKNOWN` where nothing is known of it: a name that was mistyped stops nothing. */
async function knownOf(scope: TenantScope, name: string, context: ApiContext): Promise<CampaignId> {
  const id = await idOf(scope, name, context)
  await showCampaign(context, id)
  return id
}

/** Of what was cancelled nothing is sent: it comes to its end first. Throws `RLY_RECORD_IN_USE`. */
function checkEnded({ counts, name, record }: CampaignView): void {
  if (record?.state.kind !== 'cancelled' || counts?.waiting === 0) return
  const waits =
    counts === null
      ? 'no relay runs that could say whether something of it still waits'
      : `${counts.waiting} recipients of it have not come to their end yet`
  throw new RelayError('RLY_RECORD_IN_USE', `campaign "${name}" is cancelled, and ${waits}`)
}

const acts = {
  pause: ['campaignPaused', 'paused'],
  resume: ['campaignResumed', 'resumed'],
  cancel: ['campaignCancelled', 'cancelled'],
} as const satisfies Record<CampaignAct, readonly [AnnouncedEvent, string]>

async function act(
  context: ApiContext,
  caller: Caller,
  id: CampaignId,
  what: CampaignAct,
  reason: string,
) {
  const why = reason === '' ? 'no reason given' : reason
  const done = await actOnCampaign(context.records, id, what, { by: whoActs(caller), why })
  const [event, did] = acts[what]
  return told(context, caller, id, event, done, what === 'resume' ? did : `${did} (${why})`)
}

/** Every process knows of it, and there is an event. */
async function told(
  context: ApiContext,
  caller: Caller,
  id: CampaignId,
  event: AnnouncedEvent,
  { campaign: record, changed }: Decided,
  did: string,
) {
  if (changed) {
    await context.refresh()
    const text = `${whoActs(caller)} ${did} campaign ${id.name} of tenant ${id.tenant}`
    await context.desk?.announce(event, text, id.tenant)
  }
  return decidedOf(id, record)
}
