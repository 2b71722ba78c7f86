// SPDX-License-Identifier: Apache-2.0
/** A campaign as a row: its state and its mark in columns. */
import type { Instant } from '../../base/brand.ts'
import {
  type Campaign,
  type CampaignMark,
  type CampaignStateKind,
  stateOf,
} from '../../records/campaigns/campaign.ts'

export interface CampaignRow extends Omit<Campaign, 'state' | 'mark'> {
  readonly state: CampaignStateKind
  /** Of one that is paused or cancelled. */
  readonly stoppedBy: string | null
  readonly stoppedWhy: string | null
  readonly stoppedSince: Instant | null
  readonly mark: CampaignMark['kind'] | null
  readonly markedWhy: string | null
  readonly markedSince: Instant | null
}

export function campaignRowOf({ mark, state, ...rest }: Campaign): CampaignRow {
  const stopped = state.kind === 'running' ? null : state
  return {
    ...rest,
    state: state.kind,
    stoppedBy: stopped?.by ?? null,
    stoppedWhy: stopped?.why ?? null,
    stoppedSince: stopped?.since ?? null,
    mark: mark?.kind ?? null,
    markedWhy: mark?.why ?? null,
    markedSince: mark?.since ?? null,
  }
}

export function campaignOfRow(row: CampaignRow): Campaign {
  const { mark, markedSince, markedWhy, state, stoppedBy, stoppedSince, stoppedWhy, ...rest } = row
  const since = stoppedSince ?? rest.changedAt
  return {
    ...rest,
    state: stateOf(state, { by: stoppedBy ?? '', why: stoppedWhy ?? '', since }),
    mark: mark && { kind: mark, why: markedWhy ?? '', since: markedSince ?? rest.changedAt },
  }
}
