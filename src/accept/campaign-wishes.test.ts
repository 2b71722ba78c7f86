// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { type Campaign, campaignKey, plainCampaign } from '../records/campaigns/campaign.ts'
import { changeCampaign } from '../records/campaigns/campaign-service.ts'
import type { Slug } from '../records/records.ts'
import type { Store } from '../records/store.ts'
import { CampaignWishes } from './campaign-wishes.ts'

const shop = 'shop' as Slug
const clock = new ManualClock(instant(0))
const wish = { campaign: 'spring', sendWindow: '09:00-17:00 Europe/Berlin', pace: null }

/** Records in memory, of which a process knows what it last looked at. */
function rig() {
  const kept = new Map<string, Campaign>()
  let failure: Error | null = null
  const store = {
    transaction: async <T>(work: (within: Store) => Promise<T>) => {
      if (failure !== null) throw failure
      return work(store as unknown as Store)
    },
    campaigns: {
      list: async () => [...kept.values()],
      put: async (campaign: Campaign) =>
        void kept.set(campaignKey(campaign.tenant, campaign.name), campaign),
      remove: async (tenant: Slug, name: string) => kept.delete(campaignKey(tenant, name)),
    },
  } as unknown as Store
  const said: string[] = []
  const process = () => {
    const records = {
      directory: { campaigns: new Map(kept) },
      refresh: async () => {
        records.directory = { campaigns: new Map(kept) }
      },
    }
    const announce = (_type: string, text: string) => void said.push(text)
    return new CampaignWishes({ store, clock, log: silentLog, records, announce })
  }
  const spreadOf = (name: string) => {
    const found = kept.get(campaignKey(shop, name))
    return found && [found.sendWindow, found.pace, found.spreadBy]
  }
  const fail = (thrown: Error) => {
    failure = thrown
  }
  return { kept, store, said, process, spreadOf, fail }
}

test('The first mail of a campaign that says when it goes decides that, once, with an event', async () => {
  const { process, said, spreadOf } = rig()
  const wishes = process()
  const first = wishes.heed(shop, wish)
  assert.equal(wishes.heed(shop, wish), first, 'what comes meanwhile waits for the same')
  assert.equal(await first, null)
  assert.deepEqual(spreadOf('spring'), ['09:00-17:00 Europe/Berlin', null, 'mail'])
  assert.equal(wishes.heed(shop, { ...wish, pace: '10/1 h' }), null)
  assert.deepEqual(said, [
    'mail of campaign spring of tenant shop says when it goes: 09:00-17:00 Europe/Berlin',
  ])
})

test('Of two processes one decides, and the other goes by it', async () => {
  const { process, said, spreadOf } = rig()
  const [one, other] = [process(), process()]
  await one.heed(shop, wish)
  assert.equal(await other.heed(shop, { ...wish, sendWindow: null, pace: '10/1 h' }), null)
  assert.deepEqual(spreadOf('spring'), ['09:00-17:00 Europe/Berlin', null, 'mail'])
  assert.equal(said.length, 1)
  assert.equal(other.heed(shop, wish), null)
})

test('What a person has said counts, also that it goes at any time; what else is decided says nothing of it', async () => {
  const { process, store, spreadOf } = rig()
  const id = { tenant: shop, name: 'spring' }
  await changeCampaign({ store, clock }, id, { weight: 3 })
  await process().heed(shop, wish)
  assert.equal(spreadOf('spring')?.[2], 'mail')
  await changeCampaign({ store, clock }, id, { sendWindow: null, weight: 1 })
  assert.equal(process().heed(shop, wish), null)
  assert.deepEqual(spreadOf('spring'), [null, null, 'person'])
})

test('Mail whose wish cannot be kept is not taken: for now, or with what is wrong', async () => {
  const { fail, kept, process } = rig()
  for (let at = 0; at < 1_000; at++) {
    const plain = plainCampaign(shop, `c${at}`, instant(0))
    kept.set(campaignKey(shop, plain.name), { ...plain, weight: 2 })
  }
  const full = await process().heed(shop, wish)
  assert.match(`${full?.code} ${full?.text}`, /^550 something is decided about 1000 campaigns/)
  fail(new RelayError('RLY_STORE_FAILED', 'it is away'))
  assert.equal((await process().heed(shop, wish))?.code, 451)
})
