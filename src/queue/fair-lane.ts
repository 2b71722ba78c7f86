// SPDX-License-Identifier: Apache-2.0
/**
 * What waits at one site in one class: tenants take turns, and within a tenant its campaigns, by weight (mail of a stream without one counts as one).
 * Within a campaign what came first goes first. Most lanes of very many have one of each, so there is nothing but arrays.
 */
import { Ring } from '../base/ring.ts'
import type { Berth } from './berth.ts'
import type { CampaignStanding } from './campaign-standing.ts'
import { FairTurns, type TurnTaker } from './fair-turns.ts'
import type { ReadyRecipient } from './ready-recipient.ts'

interface CampaignFlow extends TurnTaker {
  readonly stream: string
  readonly campaign: string | null
  readonly line: Ring<ReadyRecipient>
}

interface TenantFlow extends TurnTaker {
  readonly tenant: string
  readonly campaigns: FairTurns<CampaignFlow>
}

/** From this many tenants on they are found by name. */
const NAMED_FROM = 8

export class FairLane {
  readonly priority: number
  readonly berth: Berth
  /** Counted by who gives turns. */
  lastTurn = 0
  readonly #standing: CampaignStanding
  readonly #tenants = new FairTurns<TenantFlow>()
  #byName: Map<string, TenantFlow> | null = null
  #size = 0

  constructor(priority: number, berth: Berth, standing: CampaignStanding) {
    this.priority = priority
    this.berth = berth
    this.#standing = standing
  }

  get size(): number {
    return this.#size
  }

  push(recipient: ReadyRecipient): void {
    this.#lineOf(recipient).push(recipient)
    this.#size++
  }

  /** Back to the head: it was not tried, and cost nothing. */
  unshift(recipient: ReadyRecipient): void {
    this.#lineOf(recipient).unshift(recipient)
    this.#size++
  }

  /** The next transaction's first recipient, and those of the same message that `mayJoin` it, in all at most `most`. */
  shift(most: (first: ReadyRecipient) => number): [ReadyRecipient, ...ReadyRecipient[]] | null {
    const tenant = this.#tenants.next()
    const campaign = tenant?.campaigns.next() ?? null
    const first = campaign?.line.shift()
    if (tenant === null || campaign === null || first === undefined) return null
    const batch: [ReadyRecipient, ...ReadyRecipient[]] = [first]
    join(batch, campaign.line, most(first))
    this.#size -= batch.length
    tenant.campaigns.pay(campaign, batch.length)
    if (campaign.line.size === 0) tenant.campaigns.leave(campaign)
    this.#tenants.pay(tenant, batch.length)
    if (tenant.campaigns.size === 0) this.#leave(tenant)
    return batch
  }

  /** Of all that wait, the first of each campaign. */
  *firsts(): IterableIterator<ReadyRecipient> {
    for (const { campaigns } of this.#tenants)
      for (const { line } of campaigns) {
        const first = line.peek()
        if (first !== undefined) yield first
      }
  }

  /** Takes out what `isWanted` names; the others keep their order. */
  remove(isWanted: (recipient: ReadyRecipient) => boolean): ReadyRecipient[] {
    const removed: ReadyRecipient[] = []
    for (const tenant of [...this.#tenants]) {
      for (const campaign of [...tenant.campaigns]) {
        const { line } = campaign
        for (let left = line.size; left > 0; left--) {
          const recipient = line.shift()
          if (recipient === undefined) break
          if (isWanted(recipient)) removed.push(recipient)
          else line.push(recipient)
        }
        if (line.size === 0) tenant.campaigns.leave(campaign)
      }
      if (tenant.campaigns.size === 0) this.#leave(tenant)
    }
    this.#size -= removed.length
    return removed
  }

  *[Symbol.iterator](): IterableIterator<ReadyRecipient> {
    for (const { campaigns } of this.#tenants) for (const { line } of campaigns) yield* line
  }

  #lineOf({ waiting: { message } }: ReadyRecipient): Ring<ReadyRecipient> {
    const { campaign, stream, tenant: name } = message
    const tenant = this.#tenantOf(name)
    const { campaigns } = tenant
    for (let at = 0; at < campaigns.size; at++) {
      const known = campaigns.at(at)
      if (known?.campaign === campaign && known.stream === stream) return known.line
    }
    const weight = this.#standing.weightOf(message)
    const flow: CampaignFlow = { campaign, stream, line: new Ring(), credit: 0, weight }
    tenant.campaigns.join(flow)
    return flow.line
  }

  #tenantOf(name: string): TenantFlow {
    const known = this.#find(name)
    if (known !== undefined) return known
    const flow: TenantFlow = { tenant: name, campaigns: new FairTurns(), credit: 0, weight: 1 }
    this.#tenants.join(flow)
    if (this.#byName !== null) this.#byName.set(name, flow)
    else if (this.#tenants.size >= NAMED_FROM)
      this.#byName = new Map([...this.#tenants].map((one) => [one.tenant, one]))
    return flow
  }

  #find(name: string): TenantFlow | undefined {
    if (this.#byName !== null) return this.#byName.get(name)
    for (let at = 0; at < this.#tenants.size; at++) {
      const flow = this.#tenants.at(at)
      if (flow?.tenant === name) return flow
    }
    return undefined
  }

  #leave(tenant: TenantFlow): void {
    this.#tenants.leave(tenant)
    this.#byName?.delete(tenant.tenant)
    if (this.#tenants.size === 0) this.#byName = null
  }
}

/** Recipients of one message stand together, since they came together. */
function join(
  batch: [ReadyRecipient, ...ReadyRecipient[]],
  line: Ring<ReadyRecipient>,
  most: number,
): void {
  while (batch.length < most) {
    const next = line.peek()
    if (next?.waiting.message.id !== batch[0].waiting.message.id) return
    batch.push(next)
    line.shift()
  }
}
