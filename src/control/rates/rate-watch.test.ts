// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Campaign } from '../../records/campaigns/campaign.ts'
import { noCounts, type RateCounts, type RateRow, type RateSubject } from '../../records/rate.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import { type RateThresholds, watchRates } from './rate-watch.ts'

const campaign: RateSubject = { tenant: 'shop', dimension: 'campaign', name: 'spring' }

/** What is announced and suspended where these are the numbers of a window. */
async function watched(
  counts: Partial<RateCounts>,
  subject: RateSubject = campaign,
  pauses: RateThresholds['pauses'] = [],
) {
  const said: string[] = []
  const added: RateRow[] = []
  const sums = async () => [{ ...noCounts, ...counts, ...subject }]
  const rates = { sums, add: async (rows: readonly RateRow[]) => void added.push(...rows) }
  let kept: readonly Campaign[] = []
  const campaigns = {
    list: async () => kept,
    put: async (campaign: Campaign) => {
      kept = [campaign]
    },
  }
  const transaction = (work: (store: unknown) => unknown) => work({ campaigns })
  const parts = {
    records: {
      store: { rates, campaigns, transaction },
      clock: new ManualClock(),
    } as unknown as RecordsContext,
    desk: {
      announce: async (what: string, text: string) => void said.push(`${what}: ${text}`),
      suspend: async (pattern: string) => void said.push(`suspend ${pattern}`),
      refresh: async () => {},
    },
    thresholds: () => ({ complaintRate: 0.003, bounceRate: 0.1, pauses }),
    log: silentLog,
  }
  await watchRates(parts, [subject])
  for (const { mark, name, state } of kept)
    said.push(`${name} is ${state.kind}, ${mark?.kind}: ${mark?.why}`)
  assert.equal(
    added.filter(({ told }) => told === 1).length,
    Number(said.some((text) => /^[a-zA-Z]*(complaints|bounces): /i.test(text))),
  )
  return said
}

describe('A high rate', () => {
  it('is told with its numbers', async () => {
    assert.deepEqual(await watched({ delivered: 1_000, complained: 4 }), [
      'campaignComplaints: campaign spring of tenant shop: 4 complaints about 1000 delivered mails, 0.40 % (at most 0.30 % is wanted) in 7 days',
      'spring is running, high-rate: 4 complaints about 1000 delivered mails, 0.40 % (at most 0.30 % is wanted)',
    ])
    assert.deepEqual(await watched({ delivered: 900, bounced: 100, reported: 20 }), [
      'campaignBounces: campaign spring of tenant shop: 100 mails bounced at once and 20 of 900 delivered ones later, 12.00 % (at most 10.00 % is wanted) in 7 days',
      'spring is running, high-rate: 100 mails bounced at once and 20 of 900 delivered ones later, 12.00 % (at most 10.00 % is wanted)',
    ])
  })

  it('is none below the threshold, of too little mail, or where it was told', async () => {
    const news = { ...campaign, dimension: 'stream', name: 'news' } as const
    assert.deepEqual(await watched({ delivered: 1_000, complained: 2 }, news), [])
    assert.deepEqual(await watched({ delivered: 100, complained: 50 }, news), [])
    assert.deepEqual(await watched({ delivered: 5_000, bounced: 100 }, news), [])
    assert.deepEqual(await watched({ delivered: 1_000, complained: 40, told: 1 }, news), [])
  })

  it('is none by one complaint, which marks its campaign', async () => {
    assert.deepEqual(await watched({ delivered: 1_000, complained: 1 }), [
      'spring is running, complained: 1 complaint about 1000 delivered mails',
    ])
    assert.deepEqual(await watched({ delivered: 1_000, bounced: 1 }), [])
  })

  it('pauses a campaign or a stream where that is wished, and nothing else', async () => {
    const counts = { delivered: 1_000, complained: 40 }
    const tail = async (subject: RateSubject) =>
      (await watched(counts, subject, ['campaign', 'stream'])).slice(1)
    const why = '40 complaints about 1000 delivered mails, 4.00 % (at most 0.30 % is wanted)'
    assert.deepEqual(await tail(campaign), [
      `campaignPaused: posthaste paused campaign spring of tenant shop: ${why}`,
      `spring is paused, high-rate: ${why}`,
    ])
    assert.deepEqual(await tail({ ...campaign, dimension: 'stream', name: 'news' }), [
      'suspend news:shop@*',
      'suspend news.*:shop@*',
    ])
    assert.deepEqual(await tail({ ...campaign, dimension: 'source', name: 'blue' }), [])
  })
})
