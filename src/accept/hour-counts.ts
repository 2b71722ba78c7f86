// SPDX-License-Identifier: Apache-2.0
/** Counts of a credential's hours as the records keep them, beside those of quotas, and what was usual by them. */

import type { Instant } from '../base/brand.ts'
import { baselineLimits } from '../base/limits/baseline-limits.ts'
import type { QuotaUsage } from '../records/quotas/quota.ts'
import type { CredentialId } from '../records/records.ts'
import type { Usual } from './departure.ts'

/** In place of a credential's name, so that it is no quota's count: recipients, new domains, ends, bounces. */
export const measures = ['usual', 'fresh', 'ended', 'bounced'] as const
export type Measure = (typeof measures)[number]

export function usageName(measure: Measure, credential: CredentialId): string {
  return `${measure}:${credential}`
}

/** `null`: it is of a quota. */
export function measureOf(
  name: string,
): { readonly measure: Measure; readonly credential: CredentialId } | null {
  const at = name.indexOf(':')
  const measure = at < 0 ? undefined : measures.find((each) => each === name.slice(0, at))
  return measure === undefined ? null : { measure, credential: name.slice(at + 1) as CredentialId }
}

/** What was usual in the last week without the last day, of those who have been counted for long enough. */
export function usualOf(usage: readonly QuotaUsage[], now: Instant): ReadonlyMap<string, Usual> {
  const byCredential = new Map<string, Record<Measure, QuotaUsage[]>>()
  for (const one of usage) {
    const of = measureOf(one.name)
    if (of === null) continue
    const known = byCredential.get(of.credential)
    const hours = known ?? { usual: [], fresh: [], ended: [], bounced: [] }
    if (known === undefined) byCredential.set(of.credential, hours)
    hours[of.measure].push(one)
  }
  const usual = new Map<string, Usual>()
  for (const [credential, { bounced, ended, fresh, usual: hours }] of byCredential) {
    const first = Math.min(...hours.map(({ startedAt }) => startedAt))
    const all = settled(hours, now)
    if (all.length === 0 || now - first < baselineLimits.matureMs) continue
    usual.set(credential, {
      largest: largest(all),
      average: Math.round(sum(all) / all.length),
      largestNewDomains: largest(settled(fresh, now)),
      bounceRate: sum(settled(bounced, now)) / Math.max(1, sum(settled(ended, now))),
    })
  }
  return usual
}

/** Without the last day: what a thief does does not become usual within it. */
function settled(hours: readonly QuotaUsage[], now: Instant): readonly number[] {
  return hours
    .filter(({ startedAt }) => now - startedAt >= baselineLimits.settledMs)
    .map(({ recipients }) => recipients)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), 0)
}
