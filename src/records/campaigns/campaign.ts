// SPDX-License-Identifier: Apache-2.0
/**
 * What is decided about a campaign: the mail of a tenant that bears one label, in whatever stream. It exists as soon as mail of it comes;
 * a record is kept only where something is decided that is not so of all campaigns, and may be there before the first message.
 *
 *   running ◀──resume── paused
 *      │ ▲ └──pause──────▶ │
 *      │ └──resume──┐      │
 *      └─cancel─▶ cancelled ◀─cancel─┘
 *
 * What was cancelled has ended: resuming lets new mail in.
 */
import type { Instant } from '../../base/brand.ts'
import { unreachable } from '../../base/invariant.ts'
import type { Slug } from '../records.ts'
import type { CampaignSpread } from './campaign-spread.ts'

/** Whom a campaign is stopped by, why, and since when. */
export interface Stopped {
  readonly by: string
  readonly why: string
  readonly since: Instant
}

/** What speaks against a campaign, with the numbers. */
export interface CampaignMark {
  readonly kind: 'complained' | 'high-rate'
  readonly why: string
  readonly since: Instant
}

export type CampaignState =
  | { readonly kind: 'running' }
  | ({ readonly kind: 'paused' } & Stopped)
  | ({ readonly kind: 'cancelled' } & Stopped)

export const campaignStates = ['running', 'paused', 'cancelled'] as const
export type CampaignStateKind = CampaignState['kind']

/** What may be done, and what it leads to from where; `null`: it is so already. */
export const campaignTransitions = {
  running: { pause: 'paused', resume: null, cancel: 'cancelled' },
  paused: { pause: null, resume: 'running', cancel: 'cancelled' },
  cancelled: { pause: null, resume: 'running', cancel: null },
} as const satisfies Record<CampaignStateKind, Record<CampaignAct, CampaignStateKind | null>>

export const campaignActs = ['pause', 'resume', 'cancel'] as const
export type CampaignAct = (typeof campaignActs)[number]

/** Who says when its mail goes: the first of it that did, or somebody whose word counts more. */
export const spreaders = ['mail', 'person'] as const

export interface Campaign extends CampaignSpread {
  readonly tenant: Slug
  /** As mail bears it. */
  readonly name: string
  readonly state: CampaignState
  /** 0–9, in place of that of its stream; `null`: as its mail says. */
  readonly priority: number | null
  /** Turns that it has while another of its tenant's has one, 1–100. */
  readonly weight: number
  /** Who has said when its mail goes and how fast, or that it is neither here nor there; `null`: nobody. */
  readonly spreadBy: (typeof spreaders)[number] | null
  /** It was complained about, or one of its rates is higher than wanted. */
  readonly mark: CampaignMark | null
  readonly createdAt: Instant
  readonly changedAt: Instant
}

export interface CampaignRecords {
  /** In the order of tenants and names. */
  list(): Promise<readonly Campaign[]>
  put(campaign: Campaign): Promise<void>
  remove(tenant: Slug, name: string): Promise<boolean>
}

/** By what campaigns are found; a tenant's id has no space. */
export function campaignKey(tenant: string, name: string): string {
  return `${tenant} ${name}`
}

/** One about which nothing is decided. */
export function plainCampaign(tenant: Slug, name: string, now: Instant): Campaign {
  return {
    ...{ tenant, name, state: { kind: 'running' }, priority: null, weight: 1 },
    ...{ sendWindow: null, pace: null, spreadBy: null, mark: null },
    ...{ createdAt: now, changedAt: now },
  }
}

/** Nothing is lost where no record of it is kept. */
export function isPlain({ mark, spreadBy, ...campaign }: Campaign): boolean {
  return mark === null && spreadBy === null && isUsual(campaign)
}

/** It goes as all do, whatever it is marked with. */
export function isUsual(campaign: Omit<Campaign, 'mark' | 'spreadBy'>): boolean {
  const { pace, priority, sendWindow, state, weight } = campaign
  const isSpread = pace !== null || sendWindow !== null
  return state.kind === 'running' && priority === null && weight === 1 && !isSpread
}

/** `null`: it is so already. */
export function acted(campaign: Campaign, act: CampaignAct, stopped: Stopped): Campaign | null {
  const next: CampaignStateKind | null = campaignTransitions[campaign.state.kind][act]
  if (next === null) return null
  return { ...campaign, state: stateOf(next, stopped), changedAt: stopped.since }
}

/** `running` needs no `stopped`. */
export function stateOf(kind: CampaignStateKind, stopped: Stopped): CampaignState {
  switch (kind) {
    case 'running':
      return { kind }
    case 'paused':
    case 'cancelled':
      return { kind, ...stopped }
    default:
      return unreachable(kind)
  }
}
