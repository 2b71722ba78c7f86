// SPDX-License-Identifier: Apache-2.0
/** Credentials that send for weeks on a clock that a test turns, with a store that several processes share. */

import { type Addressees, CredentialBaselines } from '../../src/accept/credential-baselines.ts'
import { departureInWords } from '../../src/accept/departure.ts'
import { hours } from '../../src/base/brand.ts'
import { baselineLimits } from '../../src/base/limits/baseline-limits.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import type { SeededRandom } from '../../src/base/random.ts'
import type { Mailbox } from '../../src/protocol/mailbox.ts'
import type { QuotaUsage } from '../../src/records/quotas/quota.ts'
import type { CredentialId, Slug } from '../../src/records/records.ts'

export const shop = 'shop' as Slug
export const web = 'ABCDEFGHJK' as CredentialId

export function baselineRig(clock = new ManualClock(), kept = new Map<string, QuotaUsage>()) {
  const departed: string[] = []
  const baselines = new CredentialBaselines({
    clock,
    thresholds: () => baselineLimits,
    onDeparture: (departure) => departed.push(departureInWords(departure)),
  })
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
  const learn = () => {
    const since = clock.now() - baselineLimits.withinMs
    baselines.learn([...kept.values()].filter(({ startedAt }) => startedAt >= since))
  }
  return { clock, kept, departed, baselines, write, learn }
}

export type Rig = ReturnType<typeof baselineRig>

/** So many at one domain. */
export function people(count: number, domain = 'example.net'): Addressees {
  return Array.from({ length: count }, (_, at) => ({ forwardPath: `a${at}@${domain}` as Mailbox }))
}

export function at(domain: string): Addressees {
  return people(1, domain)
}

/** So much in each hour of so many days. */
export function live({ baselines, clock, learn, write }: Rig, perHour: number, during: number) {
  for (let hour = 0; hour < during * 24; hour++) {
    baselines.note(shop, web, people(perHour))
    write()
    clock.advance(hours(1))
  }
  learn()
}

/** An hour of a sender: mail to `recipients`, of whom `strangers` are at domains that were never there, and what becomes of it. */
export function sendFor(
  { baselines, clock, learn, write }: Rig,
  random: SeededRandom,
  {
    recipients,
    strangers,
    pool,
    bounces,
  }: Readonly<Record<'recipients' | 'strangers' | 'pool' | 'bounces', number>>,
) {
  for (let sent = 0; sent < recipients; sent += 5) {
    const five = Array.from({ length: 5 }, (_, index) => {
      const isStrange = random.fraction() * recipients < strangers
      const domain = isStrange
        ? `new-${clock.now()}-${sent}-${index}.example`
        : `known-${Math.floor(random.fraction() ** 2 * pool)}.example`
      return { forwardPath: `a@${domain}` as Mailbox }
    })
    baselines.note(shop, web, five)
    for (let index = 0; index < 5; index++) baselines.ended(shop, web, random.fraction() < bounces)
  }
  write()
  clock.advance(hours(1))
  learn()
}
