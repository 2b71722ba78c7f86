// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { days, hours, instant, ms } from '../../base/brand.ts'
import { plainCampaign } from '../../records/campaigns/campaign.ts'
import type { Slug } from '../../records/records.ts'
import { endOf, expiryNotes } from './campaign-end.ts'

const now = instant(Date.parse('2027-01-15T15:00:00Z'))
const plain = plainCampaign('acme' as Slug, 'spring', now)
const at = (text: string) => instant(Date.parse(text))

test('A campaign is done when its pace, the limits of its sites and the hours of its window are through', () => {
  assert.equal(endOf(plain, { count: 10, time: ms(0) }, now), null)
  assert.equal(endOf(plain, { count: 10, time: hours(1) }, now), at('2027-01-15T16:00:00Z'))
  const paced = { ...plain, pace: '6000/6 h' }
  assert.equal(endOf(paced, { count: 3_000, time: hours(1) }, now), at('2027-01-15T18:00:00Z'))
  // Friday 15:00 UTC is 16:00 in Berlin: an hour is left, and the other two are on Monday.
  const spread = { ...paced, sendWindow: '09:00-17:00 Europe/Berlin mon-fri' }
  assert.equal(endOf(spread, { count: 3_000, time: ms(0) }, now), at('2027-01-18T10:00:00Z'))
  const stopped = { by: 'ann', why: '', since: now }
  const paused = { ...spread, state: { kind: 'paused', ...stopped } } as const
  assert.equal(endOf(paused, { count: 3_000, time: ms(0) }, now), null)
})

test('Mail whose age limit ends before the window opens, or before its turn comes, is told', () => {
  const spread = { ...plain, sendWindow: '09:00-17:00 Europe/Berlin mon-fri', pace: '100/h' }
  const streams = [
    { name: 'news', expiresAfter: days(2) },
    { name: 'bulk', expiresAfter: days(5) },
  ]
  const end = endOf(spread, { count: 10_000, time: ms(0) }, now)
  assert.deepEqual(expiryNotes(spread, streams, end, now), [
    'Mail of stream news is given up after 2 d, and the window is closed for up to 2 d 16 h: what comes then expires before it opens.',
    'Mail of stream bulk is given up after 5 d, and at this pace the last of what waits goes in 18 d 20 h: what has not gone by then expires.',
  ])
  assert.deepEqual(expiryNotes(plain, streams, end, now), [])
})
