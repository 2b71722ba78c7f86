// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hours, type Instant, instant, ms } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { periodOf, type Quota, type QuotaUsage } from '../../records/quotas/quota.ts'
import type { CredentialId, Slug } from '../../records/records.ts'
import { QuotaCounters } from './quota-counters.ts'

const shop = 'shop' as Slug
const news = 'news' as Slug
const web = 'ABCDEFGHJK' as CredentialId

const quota = (change: Partial<Quota> = {}): Quota => ({
  tenant: shop,
  kind: 'tenant',
  name: shop,
  period: 'hour',
  recipients: 10,
  whenOver: 'reject',
  createdAt: instant(0),
  ...change,
})

function countersWith(quotas: readonly Quota[], share = { index: 0, count: 1 }) {
  const clock = new ManualClock()
  const over: string[] = []
  const counters = new QuotaCounters(clock, share, ({ kind }) => over.push(kind))
  counters.replace(quotas)
  const take = (recipients: number, stream = news, credential: CredentialId | null = web) =>
    counters.claim(shop, stream, credential, recipients)
  return { clock, counters, over, take }
}

/** A store that several share. */
class Sums {
  readonly #sums = new Map<string, number>()

  add(counts: readonly QuotaUsage[]): readonly QuotaUsage[] {
    return counts.map((count) => {
      const key = `${count.kind} ${count.name} ${count.period} ${count.startedAt}`
      const recipients = (this.#sums.get(key) ?? 0) + count.recipients
      this.#sums.set(key, recipients)
      return { ...count, recipients }
    })
  }
}

function write(counters: QuotaCounters, sums: Sums): readonly Quota[] {
  const counts = counters.toWrite()
  return counters.written(sums.add(counts), counts)
}

test('What is within all quotas is taken, what is over one of them is not, and that one is named', () => {
  const { over, take } = countersWith([
    quota(),
    quota({ kind: 'stream', name: news, recipients: 5 }),
    quota({ kind: 'credential', name: web, recipients: 3, period: 'day' }),
  ])
  assert.equal(take(3).kind, 'within')
  const refused = take(1)
  assert.equal(refused.kind === 'over' && refused.quota.kind, 'credential')
  assert.equal(take(2, news, null).kind, 'within')
  const second = take(1, news, null)
  assert.equal(second.kind === 'over' && second.quota.kind, 'stream')
  assert.equal(take(5, 'other' as Slug, null).kind, 'within')
  assert.equal(take(1, 'other' as Slug, null).kind, 'over')
  take(1)
  assert.deepEqual(over, ['credential', 'stream', 'tenant'])
})

test('Somebody else is not counted', () => {
  const { counters } = countersWith([quota({ recipients: 1 })])
  for (let count = 0; count < 5; count++)
    assert.equal(counters.claim('rival' as Slug, news, web, 100).kind, 'within')
})

test('What was not accepted after all is given back', () => {
  const { counters, take } = countersWith([quota()])
  const claim = take(10)
  assert.equal(take(1).kind, 'over')
  assert.ok(claim.kind === 'within')
  counters.giveBack(claim)
  assert.equal(take(10).kind, 'within')
})

test('A new period begins with nothing, and what was counted in the last one is still written', () => {
  const { clock, counters, take } = countersWith([quota()])
  const before = periodOf('hour', clock.now())
  take(10)
  const refused = take(1)
  assert.equal(refused.kind === 'over' && refused.until, before.endsAt)
  clock.advance(ms(before.endsAt - clock.now()))
  assert.equal(take(4).kind, 'within')
  const written = counters.toWrite().map(({ startedAt, recipients }) => [startedAt, recipients])
  assert.deepEqual(written, [
    [before.startsAt, 10],
    [before.endsAt, 4],
  ])
})

test('A process that starts goes on from what was counted', () => {
  const { clock, counters, take } = countersWith([quota()])
  const { startsAt: startedAt } = periodOf('hour', clock.now())
  const { tenant, kind, name, period } = quota()
  counters.restore([{ tenant, kind, name, period, startedAt, recipients: 8 }])
  assert.equal(take(3).kind, 'over')
  assert.equal(take(2).kind, 'within')
})

test('A quota that is changed goes on from what was counted, and one that is removed counts no more', () => {
  const { counters, take } = countersWith([quota()])
  take(8)
  counters.replace([quota({ recipients: 9 })])
  assert.equal(take(2).kind, 'over')
  counters.replace([])
  assert.equal(take(1_000).kind, 'within')
})

test('Whatever fails to be written is written the next time, once', () => {
  const { counters, take } = countersWith([quota()])
  const sums = new Sums()
  take(2)
  counters.toWrite()
  counters.failed()
  take(3)
  write(counters, sums)
  write(counters, sums)
  assert.equal(sums.add(counters.toWrite())[0]?.recipients ?? 5, 5)
  assert.equal(take(6).kind, 'over')
  assert.equal(take(5).kind, 'within')
})

test('Several processes share what is left, and one of them tells that it is nearly used up', () => {
  const sums = new Sums()
  const quotas = [quota({ recipients: 101 })]
  const workers = [0, 1, 2].map((index) => countersWith(quotas, { index, count: 3 }))
  let taken = 0
  let told = 0
  for (let round = 0; round < 12; round++) {
    for (const { take } of workers) while (take(1).kind === 'within') taken++
    for (const { counters } of workers) told += write(counters, sums).length
    // Each hears of the others.
    for (const { counters } of workers) told += write(counters, sums).length
  }
  assert.equal(taken, 101)
  assert.equal(told, 1)
})

const periods: readonly (readonly [Quota['period'], string, string, string])[] = [
  ['hour', '2026-12-31T23:59:59.999Z', '2026-12-31T23:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['day', '2028-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ['month', '2026-12-31T12:00:00.000Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
]
for (const [period, now, startsAt, endsAt] of periods)
  test(`The ${period} that ${now} is in is that of the calendar in UTC`, () => {
    const at = (text: string): Instant => instant(Date.parse(text))
    assert.deepEqual(periodOf(period, at(now)), { startsAt: at(startsAt), endsAt: at(endsAt) })
  })

test('Nobody waits for an hour that the clock has not reached', () => {
  const { clock, take } = countersWith([quota()])
  take(10)
  clock.advance(hours(0.5))
  take(1)
  clock.advance(hours(1))
  assert.equal(take(10).kind, 'within')
})
