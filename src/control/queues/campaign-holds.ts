// SPDX-License-Identifier: Apache-2.0
/** Campaigns whose mail to a domain waits for what is decided about them: a pause, a window, a pace. */
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import { campaignKey } from '../../records/campaigns/campaign.ts'
import type { Directory } from '../../records/directory.ts'
import { queueName } from '../../spool/queue-name.ts'
import type { Spool } from '../../spool/spool.ts'

export interface CampaignHold {
  readonly tenant: string
  readonly campaign: string
  /** Recipients at the domain. */
  readonly waiting: number
  /** In words, as in the queue list. */
  readonly waitsFor: string
}

export interface HoldsContext {
  readonly directory: () => Pick<Directory, 'campaigns' | 'streamsOf'>
  readonly dispatcher: Pick<Dispatcher, 'whyStopped'>
  readonly spool: Pick<Spool, 'waitingIn'>
}

/** In the order of the records; of this process. */
export function campaignHolds(
  { directory, dispatcher, spool }: HoldsContext,
  domain: Domain,
): readonly CampaignHold[] {
  const { campaigns, streamsOf } = directory()
  return [...campaigns.values()].flatMap(({ name, pace, tenant }): CampaignHold[] => {
    const queues = streamsOf(tenant)
      .map((stream) => queueName({ stream: stream.name, campaign: name, tenant, domain }))
      .filter((queue) => spool.waitingIn(queue) > 0)
    const [first] = queues
    if (first === undefined) return []
    const waitsFor = dispatcher.whyStopped(first) ?? (pace && paceInWords(pace))
    const waiting = queues.reduce((sum, queue) => sum + spool.waitingIn(queue), 0)
    return waitsFor === null ? [] : [{ tenant, campaign: name, waiting, waitsFor }]
  })
}

export function paceInWords(pace: string): string {
  return `its turn in the pace of its campaign, ${pace}`
}

/** Of several processes. */
export function mergeHolds(all: readonly (readonly CampaignHold[])[]): readonly CampaignHold[] {
  const merged = new Map<string, CampaignHold>()
  for (const hold of all.flat()) {
    const key = campaignKey(hold.tenant, hold.campaign)
    merged.set(key, { ...hold, waiting: hold.waiting + (merged.get(key)?.waiting ?? 0) })
  }
  return [...merged.values()]
}
