// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, baselineRig, sendFor, shop, web } from '../../test/support/baseline-rig.ts'
import { hours } from '../base/brand.ts'
import { SeededRandom } from '../base/random.ts'
import { periodOf } from '../records/quotas/quota.ts'

test('Bounces that come later as reports count in the hour in which their mail came', () => {
  const relay = baselineRig()
  const random = new SeededRandom(13)
  for (let hour = 0; hour < 10 * 24; hour++)
    sendFor(relay, random, { recipients: 100, strangers: 1, pool: 100, bounces: 0.02 })
  const { baselines, clock, departed, kept, learn, write } = relay
  const campaignAt = clock.now()
  for (let count = 0; count < 2_000; count++) baselines.ended(shop, web, false)
  write()
  clock.advance(hours(1))
  for (let count = 0; count < 200; count++) baselines.reported(shop, web, campaignAt)
  assert.equal(baselines.note(shop, web, at('known-1.example')), null, 'a tenth of the campaign')
  // What another process counts, and what one that starts knows.
  write()
  const other = baselineRig(clock, kept)
  other.learn()
  for (const { baselines: each } of [relay, other]) {
    each.reported(shop, web, campaignAt)
    assert.equal(each.note(shop, web, at('known-1.example'))?.kind, 'bounces')
  }
  assert.match(departed[0] ?? '', /^201 of 2000 recipients of credential/)
  clock.advance(hours(2))
  learn()
  for (let count = 0; count < 300; count++) baselines.reported(shop, web, campaignAt)
  assert.equal(baselines.note(shop, web, at('known-1.example')), null, 'it is over')
  write()
  const bounced = kept.get(`bounced:${web} ${periodOf('hour', campaignAt).startsAt}`)
  assert.equal(bounced?.recipients, 501)
  for (let count = 0; count < 100; count++) baselines.ended(shop, web, false)
  for (let count = 0; count < 51; count++) baselines.reported(shop, web, clock.now())
  assert.equal(baselines.note(shop, web, at('known-1.example'))?.kind, 'bounces')
})
