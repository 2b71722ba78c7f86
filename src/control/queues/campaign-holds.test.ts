// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../base/brand.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import { plainCampaign } from '../../records/campaigns/campaign.ts'
import type { Slug } from '../../records/records.ts'
import { campaignHolds, type HoldsContext, mergeHolds } from './campaign-holds.ts'

const shop = 'shop' as Slug
const domain = 'example.net' as Domain
const of = (name: string) => plainCampaign(shop, name, instant(0))
const waiting: Readonly<Record<string, number>> = {
  'bulk.closed:shop@example.net': 3,
  'news.closed:shop@example.net': 2,
  'bulk.paced:shop@example.net': 7,
  'bulk.heavy:shop@example.net': 1,
  'bulk.paused:shop@example.org': 5,
}

/** `closed` and `paused` are stopped. */
function holds() {
  const all = [of('closed'), { ...of('paced'), pace: '1/1 h' }, { ...of('heavy'), weight: 3 }]
  const campaigns = new Map([...all, of('paused')].map((each) => [each.name, each]))
  const context = {
    directory: () => ({ campaigns, streamsOf: () => [{ name: 'bulk' }, { name: 'news' }] }),
    dispatcher: {
      whyStopped: (queue: string) => (/closed|paused/.test(queue) ? 'its window' : null),
    },
    spool: { waitingIn: (queue: string) => waiting[queue] ?? 0 },
  } as unknown as HoldsContext
  return campaignHolds(context, domain)
}

test('Campaigns are named whose mail to the domain waits for what is decided about them, in whatever streams', () => {
  assert.deepEqual(holds(), [
    { tenant: 'shop', campaign: 'closed', waiting: 5, waitsFor: 'its window' },
    {
      ...{ tenant: 'shop', campaign: 'paced', waiting: 7 },
      waitsFor: 'its turn in the pace of its campaign, 1/1 h',
    },
  ])
})

test('What waits in several processes is one number', () => {
  const [closed, paced] = holds()
  assert.ok(closed && paced)
  assert.deepEqual(mergeHolds([[closed], [], [paced, closed]]), [{ ...closed, waiting: 10 }, paced])
})
