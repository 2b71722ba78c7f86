// SPDX-License-Identifier: Apache-2.0
/**
 * What is decided about campaigns, for delivery: which of them go, with which priority, and how often it is their turn. Costs nothing
 * where nothing is decided, and no more than a look by name for mail of a campaign.
 */
import type { Instant } from '../base/brand.ts'
import { limitOfPace, parsePace } from '../base/campaign-pace.ts'
import type { Clock } from '../base/clock.ts'
import { changesAt, type DailyWindow, isOpen, parseWindow } from '../base/daily-window.ts'
import type { RateLimit } from '../base/quantity.ts'
import type { CampaignStanding } from '../queue/campaign-standing.ts'
import { type Campaign, campaignKey } from '../records/campaigns/campaign.ts'
import type { Message } from '../spool/message.ts'
import { parseQueueName } from '../spool/queue-name.ts'

/** What its texts mean. */
interface Spread {
  readonly window: DailyWindow | null
  readonly limit: RateLimit | null
  turn: Turn | null
}

/** A time in which a window is open, or closed. */
interface Turn {
  readonly isOpen: boolean
  readonly since: Instant
  readonly until: Instant
}

export interface CampaignPace {
  readonly key: string
  readonly limit: RateLimit
}

type Campaigns = ReadonlyMap<string, Campaign>

export class CampaignsInForce implements CampaignStanding {
  readonly #all: () => Campaigns
  readonly #clock: Pick<Clock, 'now'>
  readonly #spreads = new WeakMap<Campaign, Spread>()

  /** `all`: by `campaignKey`, as the records have them now. */
  constructor(all: () => Campaigns, clock: Pick<Clock, 'now'>) {
    this.#all = all
    this.#clock = clock
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

  /** How fast mail of a queue goes with all of its campaign; `null`: as fast as receivers take it. */
  paceOf(queue: string): CampaignPace | null {
    const campaign = this.ofQueue(queue)
    if (campaign === null || campaign.pace === null) return null
    const { limit } = this.#spreadOf(campaign)
    return limit && { key: campaignKey(campaign.tenant, campaign.name), limit }
  }

  /** As text; `null`: that campaign has none. */
  limitOf(key: string): string | null {
    const campaign = this.#all().get(key)
    const limit = campaign === undefined ? null : this.#spreadOf(campaign).limit
    return limit && JSON.stringify(limit)
  }

  /** When its window opens; `null`: it is open, or has none. */
  opensAt(campaign: Campaign): Instant | null {
    if (campaign.sendWindow === null) return null
    const turn = this.#turnOf(campaign)
    return turn === null || turn.isOpen ? null : turn.until
  }

  /** Keys of those whose window is closed now, and when the next window opens or closes. */
  windows(): { readonly closed: string; readonly nextAt: Instant | null } {
    const closed: string[] = []
    let nextAt: Instant | null = null
    for (const [key, campaign] of this.#all()) {
      const turn = campaign.sendWindow === null ? null : this.#turnOf(campaign)
      if (turn === null) continue
      if (!turn.isOpen) closed.push(key)
      if (nextAt === null || turn.until < nextAt) nextAt = turn.until
    }
    return { closed: closed.join('\n'), nextAt }
  }

  #turnOf(campaign: Campaign): Turn | null {
    const spread = this.#spreadOf(campaign)
    const { window } = spread
    if (window === null) return null
    const now = this.#clock.now()
    const known = spread.turn
    if (known !== null && now >= known.since && now < known.until) return known
    spread.turn = { isOpen: isOpen(window, now), since: now, until: changesAt(window, now) }
    return spread.turn
  }

  #spreadOf(campaign: Campaign): Spread {
    const known = this.#spreads.get(campaign)
    if (known !== undefined) return known
    const { pace, sendWindow } = campaign
    const window = sendWindow === null ? null : parseWindow(sendWindow)
    const spec = pace === null ? null : parsePace(pace)
    const made: Spread = {
      // A zone that this machine does not know keeps no mail back.
      window: typeof window === 'string' ? null : window,
      limit: spec && limitOfPace(spec),
      turn: null,
    }
    this.#spreads.set(campaign, made)
    return made
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
  const { pace = null, priority = null, sendWindow = null, state, weight = 1 } = campaign ?? {}
  return JSON.stringify([state?.kind ?? 'running', priority, weight, sendWindow, pace])
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
