// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'
import {
  acted,
  type CampaignAct,
  type CampaignStateKind,
  campaignActs,
  campaignStates,
  isPlain,
  plainCampaign,
  stateOf,
} from './campaign.ts'

const plain = plainCampaign('acme' as Slug, 'spring', instant(1_000))
const first = { by: 'ann', why: 'a wrong price', since: instant(2_000) }
const second = { by: 'bo', why: 'still wrong', since: instant(3_000) }

test('From each state each act leads where it should; what is so already keeps who said it first', () => {
  const expected: Record<CampaignStateKind, Record<CampaignAct, CampaignStateKind>> = {
    running: { pause: 'paused', resume: 'running', cancel: 'cancelled' },
    paused: { pause: 'paused', resume: 'running', cancel: 'cancelled' },
    cancelled: { pause: 'cancelled', resume: 'running', cancel: 'cancelled' },
  }
  for (const from of campaignStates)
    for (const act of campaignActs) {
      const before = { ...plain, state: stateOf(from, first) }
      const after = acted(before, act, second)
      assert.equal((after ?? before).state.kind, expected[from][act], `${act} of ${from}`)
      assert.equal(after === null, from === expected[from][act], `${act} of ${from} is a change`)
      if (after !== null && after.state.kind !== 'running') assert.equal(after.state.by, 'bo')
    }
})

test('Nothing is lost of a campaign about which nothing is decided, and of others something', () => {
  assert.equal(isPlain(plain), true)
  assert.equal(isPlain({ ...plain, weight: 2 }), false)
  assert.equal(isPlain({ ...plain, priority: 5 }), false)
  assert.equal(isPlain({ ...plain, pace: '100/h' }), false)
  assert.equal(isPlain({ ...plain, sendWindow: '09:00-17:00 UTC' }), false)
  const mark = { kind: 'complained', why: '1 complaint', since: instant(0) } as const
  assert.equal(isPlain({ ...plain, mark }), false)
  assert.equal(isPlain({ ...plain, state: stateOf('paused', first) }), false)
})
