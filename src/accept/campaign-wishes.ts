// SPDX-License-Identifier: Apache-2.0
/**
 * When its mail goes and how fast, as the first mail of a campaign says that says so. It is decided before that mail is taken, in all
 * processes; from then on it is what people decide that counts. Costs a look by name where a message says so, and nothing else.
 */
import type { Clock } from '../base/clock.ts'
import { messageOf, RelayError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { campaignKey } from '../records/campaigns/campaign.ts'
import { spreadCampaign } from '../records/campaigns/campaign-service.ts'
import type { CampaignSpread } from '../records/campaigns/campaign-spread.ts'
import type { Directory } from '../records/directory.ts'
import type { Slug } from '../records/records.ts'
import type { Store } from '../records/store.ts'

/** The records are away: nobody knows whether the mail may go. */
const NOT_NOW = reply(
  451,
  '4.3.0',
  'When mail of the campaign goes cannot be kept, try again later',
)

/** As this process knows them, until it looks again. */
export interface KnownRecords {
  readonly directory: Pick<Directory, 'campaigns'>
  refresh(): Promise<void>
}

export interface WishesContext {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly records: KnownRecords
  readonly announce: (type: 'campaign.changed', text: string, tenant: string) => void
}

export interface CampaignWish extends CampaignSpread {
  readonly campaign: string
}

export class CampaignWishes {
  readonly #context: WishesContext
  /** Of campaigns about which it is being decided. */
  readonly #underWay = new Map<string, Promise<Reply | null>>()

  constructor(context: WishesContext) {
    this.#context = context
  }

  /** `null`: it was said before. Resolves with a refusal where it cannot be decided. */
  heed(tenant: Slug, wish: CampaignWish): Promise<Reply | null> | null {
    const key = campaignKey(tenant, wish.campaign)
    if (this.#context.records.directory.campaigns.get(key)?.spreadBy != null) return null
    const known = this.#underWay.get(key)
    if (known !== undefined) return known
    const deciding = this.#decide(tenant, wish).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, deciding)
    return deciding
  }

  async #decide(
    tenant: Slug,
    { campaign: name, pace, sendWindow }: CampaignWish,
  ): Promise<Reply | null> {
    const { announce, log, records } = this.#context
    try {
      const { changed } = await spreadCampaign(
        this.#context,
        { tenant, name },
        { sendWindow, pace },
      )
      await records.refresh()
      if (changed) {
        const said = [sendWindow, pace].filter((part) => part !== null).join(', ')
        const text = `mail of campaign ${name} of tenant ${tenant} says when it goes: ${said}`
        announce('campaign.changed', text, tenant)
      }
      return null
    } catch (thrown) {
      // Too many campaigns of the tenant, or a name that none can have; or the records are away.
      if (thrown instanceof RelayError && thrown.code === 'RLY_RECORD_INVALID')
        return reply(550, '5.7.1', thrown.message)
      log.error({ tenant, error: messageOf(thrown) }, 'the wish of a campaign cannot be kept')
      return NOT_NOW
    }
  }
}
