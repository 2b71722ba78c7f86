// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  at,
  baselineRig,
  live,
  people,
  sendFor,
  shop,
  web,
} from '../../test/support/baseline-rig.ts'
import { days, hours, instant, ms, plus } from '../base/brand.ts'
import { baselineLimits } from '../base/limits/baseline-limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { periodOf } from '../records/quotas/quota.ts'
import type { CredentialId } from '../records/records.ts'

test('What is far over the largest hour of the last week departs, once for the operator, with the numbers', () => {
  const relay = baselineRig()
  live(relay, 300, 5)
  const { baselines, departed } = relay
  assert.equal(baselines.note(shop, web, people(300 * baselineLimits.timesLargest)), null)
  const departure = baselines.note(shop, web, people(1))
  assert.equal(departure?.usual.largest, 300)
  assert.notEqual(baselines.note(shop, web, people(1)), null)
  assert.deepEqual(departed, [
    `Credential ${web} has handed in mail for 1501 recipients within this hour; an hour of the last week had 300 on average and 300 at most`,
  ])
})

test('Little is never too much, and who is new is not judged', () => {
  const small = baselineRig()
  live(small, 1, 5)
  assert.equal(small.baselines.note(shop, web, people(baselineLimits.leastRecipients)), null)
  assert.notEqual(small.baselines.note(shop, web, people(1)), null)
  const fresh = baselineRig()
  live(fresh, 10, 2.9)
  assert.equal(fresh.baselines.note(shop, web, people(100_000)), null)
  for (let count = 0; count < 500; count++)
    assert.equal(fresh.baselines.note(shop, web, at(`d${count}.example`)), null)
})

test('What a thief sends does not become usual within a day', () => {
  const relay = baselineRig()
  live(relay, 300, 5)
  const { baselines, clock, learn, write } = relay
  const victims = people(50_000)
  for (let hour = 0; hour < 23; hour++) {
    assert.notEqual(baselines.note(shop, web, victims), null, `hour ${hour}`)
    write()
    clock.advance(hours(1))
    learn()
  }
})

test('A process that starts goes on with what others have counted in this hour', () => {
  const before = baselineRig()
  live(before, 300, 5)
  before.baselines.note(shop, web, people(1_400))
  before.write()
  const after = baselineRig(before.clock, before.kept)
  after.learn()
  assert.equal(after.baselines.note(shop, web, people(100)), null)
  assert.notEqual(after.baselines.note(shop, web, people(1)), null)
})

test('What could not be written is written with the next hour’s', () => {
  const { baselines, clock, kept, write } = baselineRig()
  const first = periodOf('hour', clock.now()).startsAt
  baselines.note(shop, web, people(7))
  baselines.toWrite()
  baselines.failed()
  clock.advance(hours(1))
  baselines.note(shop, web, people(2))
  write()
  write()
  const usual = [...kept.values()].filter(({ name }) => name.startsWith('usual:'))
  assert.deepEqual(
    usual.map(({ startedAt, recipients }) => [startedAt, recipients]),
    [
      [first, 7],
      [plus(first, hours(1)), 2],
    ],
  )
})

test('What is counted while the store writes, over the end of an hour, is not lost', () => {
  const { baselines, clock, kept, write } = baselineRig()
  baselines.note(shop, web, people(7))
  const sums = baselines.toWrite()
  baselines.note(shop, web, people(2))
  clock.advance(hours(1))
  baselines.note(shop, web, people(1))
  baselines.written(sums)
  write()
  const usual = [...kept.values()].filter(({ name }) => name.startsWith('usual:'))
  assert.deepEqual(
    usual.map(({ recipients }) => recipients),
    [2, 1],
  )
})

test('So many credentials are counted, and no more', () => {
  const clock = new ManualClock()
  const { baselines } = baselineRig(clock)
  for (let count = 0; count <= baselineLimits.credentials; count++)
    baselines.ended(shop, `C${count}` as CredentialId, false)
  assert.equal(baselines.toWrite().length, baselineLimits.credentials)
  assert.ok(baselineLimits.matureMs > baselineLimits.settledMs)
  assert.ok(ms(baselineLimits.withinMs) > days(7) && instant(0) === 0)
})

test('A steady sender with a campaign a week is never held, in sixty days', () => {
  const relay = baselineRig()
  const random = new SeededRandom(7)
  for (let hour = 0; hour < 60 * 24; hour++) {
    const isDay = hour % 24 >= 8 && hour % 24 < 20
    const isCampaign = hour % (7 * 24) === 34
    const recipients = isCampaign ? 5_000 : isDay ? 150 + Math.floor(random.fraction() * 150) : 20
    const strangers = isCampaign ? 60 : 3
    sendFor(relay, random, { recipients, strangers, pool: isCampaign ? 2_000 : 300, bounces: 0.02 })
  }
  assert.deepEqual(relay.departed, [])
})

test('A sender that doubles each week is not held', () => {
  const relay = baselineRig()
  const random = new SeededRandom(8)
  for (let hour = 0; hour < 28 * 24; hour++) {
    const recipients = Math.round(100 * 2 ** (hour / (7 * 24)))
    sendFor(relay, random, { recipients, strangers: recipients * 0.2, pool: 800, bounces: 0.03 })
  }
  assert.deepEqual(relay.departed, [])
})

test('A burst to strange domains is noticed within 110 messages, in each hour anew, and teaches nothing', () => {
  const relay = baselineRig()
  const random = new SeededRandom(9)
  const { baselines, clock, departed, learn, write } = relay
  for (let hour = 0; hour < 30 * 24; hour++)
    sendFor(relay, random, { recipients: 200, strangers: 4, pool: 300, bounces: 0.02 })
  assert.deepEqual(departed, [])
  for (let hour = 0; hour < 20; hour++) {
    let passed = 0
    while (baselines.note(shop, web, at(`victim-${hour}-${passed}.example`)) === null) passed++
    // One in twenty is taken for known, as it has learnt of thousands.
    assert.ok(passed <= baselineLimits.leastNewDomains * 1.1, `${passed} passed in hour ${hour}`)
    for (let more = 0; more < 200; more++) {
      const departure = baselines.note(shop, web, at(`more-${more}.example`))
      assert.equal(departure?.kind, 'domains')
    }
    write()
    clock.advance(hours(1))
    learn()
  }
  assert.equal(departed.length, 20)
  assert.match(
    departed[0] ?? '',
    /^Credential ABCDEFGHJK has handed in mail for 101 domains within this hour to which none had gone for weeks, of 101 recipients; an hour of the last week had \d+ such domains at most$/,
  )
})

test('Bounces far over what is usual are noticed with the next message', () => {
  const relay = baselineRig()
  const random = new SeededRandom(10)
  for (let hour = 0; hour < 10 * 24; hour++)
    sendFor(relay, random, { recipients: 100, strangers: 1, pool: 100, bounces: 0.02 })
  const { baselines, departed } = relay
  for (let count = 0; count < 200; count++) baselines.ended(shop, web, count % 4 === 0)
  assert.equal(baselines.note(shop, web, at('known-1.example')), null, '50 are not too many')
  for (let count = 0; count < 4; count++) baselines.ended(shop, web, count === 0)
  assert.equal(baselines.note(shop, web, at('known-1.example'))?.kind, 'bounces')
  assert.match(
    departed[0] ?? '',
    /^51 of 204 recipients of credential ABCDEFGHJK whose mail ended within an hour are not there \(25\.0 %\); in the last week it was [12]\.\d %$/,
  )
})

test('Who has always had so many bounces is not taken for somebody else', () => {
  const relay = baselineRig()
  const random = new SeededRandom(11)
  for (let hour = 0; hour < 10 * 24; hour++)
    sendFor(relay, random, { recipients: 300, strangers: 1, pool: 100, bounces: 0.25 })
  assert.deepEqual(relay.departed, [])
})

test('A process that starts knows the domains that those before it have learnt', () => {
  const before = baselineRig()
  const random = new SeededRandom(12)
  for (let hour = 0; hour < 10 * 24; hour++)
    sendFor(before, random, { recipients: 100, strangers: 1, pool: 150, bounces: 0 })
  const told = baselineRig(before.clock, before.kept)
  for (const { tenant, credential, kept } of before.baselines.takeLearnt() ?? [])
    told.baselines.recall(tenant, credential, kept)
  told.learn()
  for (let count = 0; count < 150; count++)
    assert.equal(told.baselines.note(shop, web, at(`known-${count}.example`)), null)
  let passed = 0
  while (told.baselines.note(shop, web, at(`victim-${passed}.example`)) === null) passed++
  assert.ok(passed <= 3 * baselineLimits.leastNewDomains, `${passed} passed`)
  assert.equal(before.baselines.takeLearnt(), null, 'nothing is new')
  const untold = baselineRig(before.clock, before.kept)
  untold.learn()
  for (let count = 0; count < 500; count++)
    assert.equal(untold.baselines.note(shop, web, at(`victim-${count}.example`)), null)
})
