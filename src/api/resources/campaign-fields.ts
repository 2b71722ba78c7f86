// SPDX-License-Identifier: Apache-2.0
/** A campaign as the API shows it. */
import { z } from 'zod'
import { type Instant, ms } from '../../base/brand.ts'
import { campaignLimits } from '../../base/limits/campaign-limits.ts'
import { endOf, expiryNotes } from '../../control/campaigns/campaign-end.ts'
import type { CampaignView } from '../../control/campaigns/campaign-views.ts'
import { timestampOf } from '../../events/event.ts'
import { type Campaign, campaignStates, spreaders } from '../../records/campaigns/campaign.ts'
import { bounceRate, complaintRate } from '../../records/rate.ts'
import { timestamp } from '../http/fields.ts'

export const priority = z.int().min(0).max(9).nullable().meta({
  description: 'In place of that of its stream; 0 is sent first. null: as its mail says.',
})
export const weight = z.int().min(1).max(campaignLimits.weight).meta({
  description: 'Turns that it has while another campaign of its tenant has one.',
})

export const decided = z.object({
  tenant: z.string(),
  name: z.string(),
  state: z.enum(campaignStates),
  by: z.string().nullable().meta({ description: 'Who paused or cancelled it.' }),
  why: z.string().nullable(),
  since: timestamp.nullable(),
  priority,
  weight,
  sendWindow: z.string().nullable().meta({
    description: 'When its mail goes: 09:00-17:00 Europe/Berlin mon-fri. null: at any time.',
  }),
  pace: z.string().nullable().meta({
    description: 'How fast, evenly: 500000/6h. null: as fast as receivers take it.',
  }),
  spreadBy: z.enum(spreaders).nullable().meta({
    description: 'Who says so: the first mail of it that did, or a person, whose word counts.',
  }),
  mark: z
    .object({ kind: z.enum(['complained', 'high-rate']), why: z.string(), since: timestamp })
    .nullable()
    .meta({ description: 'It was complained about, or a rate of it was higher than wanted.' }),
})

export const campaign = decided.extend({
  waiting: z.int().nullable().meta({ description: 'Recipients. null: no relay runs.' }),
  ready: z.int().nullable(),
  inFlight: z.int().nullable(),
  delivered: z.int().meta({ description: 'This and what follows: of the mail of 90 days.' }),
  bounced: z.int().meta({ description: 'At once.' }),
  reported: z.int().meta({ description: 'Bounced by a report after it was delivered.' }),
  complained: z.int(),
  unsubscribed: z.int(),
  complaintRate: z.number().meta({ description: 'Of what was delivered, 0 to 1.' }),
  bounceRate: z.number().meta({ description: 'Of what came to an end, 0 to 1.' }),
  doneAt: timestamp.nullable().meta({
    description:
      'When all that waits has gone, by its pace, its window and the limits that are known now; null: nothing waits, it is stopped, or nothing limits it.',
  }),
  notes: z.array(z.string()).meta({ description: 'What would expire before it may go.' }),
})

export type DecidedAnswer = z.infer<typeof decided>
export type CampaignAnswer = z.infer<typeof campaign>

export function decidedOf(
  id: { readonly tenant: string; readonly name: string },
  record: Campaign | null,
): DecidedAnswer {
  const stopped = record === null || record.state.kind === 'running' ? null : record.state
  return {
    tenant: id.tenant,
    name: id.name,
    state: record?.state.kind ?? 'running',
    by: stopped?.by ?? null,
    why: stopped?.why ?? null,
    since: stopped && timestampOf(stopped.since),
    priority: record?.priority ?? null,
    weight: record?.weight ?? 1,
    sendWindow: record?.sendWindow ?? null,
    pace: record?.pace ?? null,
    spreadBy: record?.spreadBy ?? null,
    mark: record?.mark ? { ...record.mark, since: timestampOf(record.mark.since) } : null,
  }
}

/** `streams`: of its tenant. */
export function viewOf(
  view: CampaignView,
  streams: Parameters<typeof expiryNotes>[1],
  now: Instant,
): CampaignAnswer {
  const { counts, ends, record } = view
  const { told: _, bounced, complained, delivered, reported, unsubscribed } = ends
  const { emptyInSeconds = 0, inFlight = null, ready = null, waiting = null } = counts ?? {}
  const count = (waiting ?? 0) + (ready ?? 0)
  const end = endOf(record, { count, time: ms(1_000 * emptyInSeconds) }, now)
  return {
    ...decidedOf(view, record),
    ...{ waiting, ready, inFlight, delivered, bounced, reported, complained, unsubscribed },
    complaintRate: complaintRate(ends),
    bounceRate: bounceRate(ends),
    doneAt: end && timestampOf(end),
    notes: [...expiryNotes(record, streams, end, now)],
  }
}
