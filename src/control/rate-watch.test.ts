// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { noCounts, type RateCounts, type RateRow, type RateSubject } from '../records/rate.ts'
import type { RecordsContext } from '../records/records-context.ts'
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
  const parts = {
    records: { store: { rates }, clock: new ManualClock() } as unknown as RecordsContext,
    desk: {
      announce: async (what: string, text: string) => void said.push(`${what}: ${text}`),
      suspend: async (pattern: string) => void said.push(`suspend ${pattern}`),
    },
    thresholds: () => ({ complaintRate: 0.003, bounceRate: 0.1, pauses }),
    log: silentLog,
  }
  await watchRates(parts, [subject])
  assert.equal(added.filter(({ told }) => told === 1).length, Number(said.length > 0))
  return said
}

describe('A high rate', () => {
  it('is told with its numbers', async () => {
    assert.deepEqual(await watched({ delivered: 1_000, complained: 4 }), [
      'complaints: campaign spring of tenant shop: 4 complaints about 1000 delivered mails, 0.40 % (at most 0.30 % is wanted) in 7 days',
    ])
    assert.deepEqual(await watched({ delivered: 900, bounced: 100, reported: 20 }), [
      'bounces: campaign spring of tenant shop: 100 mails bounced at once and 20 of 900 delivered ones later, 12.00 % (at most 10.00 % is wanted) in 7 days',
    ])
  })

  it('is none below the threshold, of too little mail, or where it was told', async () => {
    assert.deepEqual(await watched({ delivered: 1_000, complained: 2 }), [])
    assert.deepEqual(await watched({ delivered: 100, complained: 50 }), [])
    assert.deepEqual(await watched({ delivered: 5_000, bounced: 100 }), [])
    assert.deepEqual(await watched({ delivered: 1_000, complained: 40, told: 1 }), [])
  })

  it('pauses a campaign or a stream where that is wished, and nothing else', async () => {
    const counts = { delivered: 1_000, complained: 40 }
    const tail = async (subject: RateSubject) =>
      (await watched(counts, subject, ['campaign', 'stream'])).slice(1)
    assert.deepEqual(await tail(campaign), ['suspend *.spring:shop@*'])
    assert.deepEqual(await tail({ ...campaign, dimension: 'stream', name: 'news' }), [
      'suspend news:shop@*',
      'suspend news.*:shop@*',
    ])
    assert.deepEqual(await tail({ ...campaign, dimension: 'source', name: 'blue' }), [])
  })
})
