// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baselineLimits } from '../base/baseline-limits.ts'
import { days, hours, instant, ms, plus } from '../base/brand.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { periodOf, type QuotaUsage } from '../records/quota.ts'
import type { CredentialId, Slug } from '../records/records.ts'
import { CredentialBaselines, departureInWords } from './credential-baselines.ts'

const shop = 'shop' as Slug
const web = 'ABCDEFGHJK' as CredentialId

/** With a store that several processes share. */
function rig(clock = new ManualClock(), kept = new Map<string, QuotaUsage>()) {
  const departed: string[] = []
  const baselines = new CredentialBaselines(clock, (departure) =>
    departed.push(departureInWords(departure)),
  )
  const write = () => {
    const sums = baselines.toWrite().map((count) => {
      const key = `${count.name} ${count.startedAt}`
      const recipients = (kept.get(key)?.recipients ?? 0) + count.recipients
      const sum = { ...count, recipients }
      kept.set(key, sum)
      return sum
    })
    baselines.written(sums)
  }
  const learn = () => baselines.learn([...kept.values()])
  return { clock, kept, departed, baselines, write, learn }
}

/** So much in each hour of so many days. */
function live(
  { baselines, clock, learn, write }: ReturnType<typeof rig>,
  perHour: number,
  during: number,
) {
  for (let hour = 0; hour < during * 24; hour++) {
    baselines.note(shop, web, perHour)
    write()
    clock.advance(hours(1))
  }
  learn()
}

test('What is far over the largest hour of the last week departs, once for the operator, with the numbers', () => {
  const relay = rig()
  live(relay, 300, 5)
  const { baselines, departed } = relay
  assert.equal(baselines.note(shop, web, 300 * baselineLimits.timesLargest), null)
  const departure = baselines.note(shop, web, 1)
  assert.deepEqual(departure?.usual, { largest: 300, average: 300 })
  assert.notEqual(baselines.note(shop, web, 1), null)
  assert.deepEqual(departed, [
    `Credential ${web} has handed in mail for 1501 recipients within this hour; an hour of the last week had 300 on average and 300 at most`,
  ])
})

test('Little is never too much, and who is new is not judged', () => {
  const small = rig()
  live(small, 1, 5)
  assert.equal(small.baselines.note(shop, web, baselineLimits.leastRecipients), null)
  assert.notEqual(small.baselines.note(shop, web, 1), null)
  const fresh = rig()
  live(fresh, 10, 2.9)
  assert.equal(fresh.baselines.note(shop, web, 1_000_000), null)
})

test('What a thief sends does not become usual within a day', () => {
  const relay = rig()
  live(relay, 300, 5)
  const { baselines, clock, learn, write } = relay
  for (let hour = 0; hour < 23; hour++) {
    assert.notEqual(baselines.note(shop, web, 50_000), null, `hour ${hour}`)
    write()
    clock.advance(hours(1))
    learn()
  }
})

test('A process that starts goes on with what others have counted in this hour', () => {
  const before = rig()
  live(before, 300, 5)
  before.baselines.note(shop, web, 1_400)
  before.write()
  const after = rig(before.clock, before.kept)
  after.learn()
  assert.equal(after.baselines.note(shop, web, 100), null)
  assert.notEqual(after.baselines.note(shop, web, 1), null)
})

test('What could not be written is written with the next hour’s', () => {
  const { baselines, clock, kept, write } = rig()
  const first = periodOf('hour', clock.now()).startsAt
  baselines.note(shop, web, 7)
  baselines.toWrite()
  baselines.failed()
  clock.advance(hours(1))
  baselines.note(shop, web, 2)
  write()
  write()
  assert.deepEqual(
    [...kept.values()].map(({ startedAt, recipients }) => [startedAt, recipients]),
    [
      [first, 7],
      [plus(first, hours(1)), 2],
    ],
  )
})

test('So many credentials are counted, and no more', () => {
  const clock = new ManualClock()
  const { baselines } = rig(clock)
  for (let at = 0; at <= baselineLimits.credentials; at++)
    baselines.note(shop, `C${at}` as CredentialId, 1)
  assert.equal(baselines.toWrite().length, baselineLimits.credentials)
  assert.ok(baselineLimits.matureMs > baselineLimits.settledMs)
  assert.ok(ms(baselineLimits.withinMs) > days(7) && instant(0) === 0)
})
