// SPDX-License-Identifier: Apache-2.0
/** How many recipients a tenant, a stream or a credential may hand in mail for in a time, and how many it has. Times are UTC. */
import { type Instant, instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'

export const quotaPeriods = ['hour', 'day', 'month'] as const
export type QuotaPeriod = (typeof quotaPeriods)[number]

export const quotaKinds = ['tenant', 'stream', 'credential'] as const
export type QuotaKind = (typeof quotaKinds)[number]

/** Whose it is: one of these has at most one quota for each period. */
export interface QuotaSubject {
  readonly tenant: Slug
  readonly kind: QuotaKind
  /** Of the stream, the id of the credential; of a tenant its id. */
  readonly name: string
  readonly period: QuotaPeriod
}

export interface Quota extends QuotaSubject {
  /** At least 1. */
  readonly recipients: number
  /** What comes of mail that is over it: it waits for a decision, or is refused for now. */
  readonly whenOver: 'hold' | 'reject'
  readonly createdAt: Instant
}

/** What was taken in a period that began at `startedAt`. */
export interface QuotaUsage extends QuotaSubject {
  readonly startedAt: Instant
  readonly recipients: number
}

export interface QuotaRecords {
  list(): Promise<readonly Quota[]>
  put(quota: Quota): Promise<void>
  /** What was counted stays. */
  remove(subject: QuotaSubject): Promise<boolean>
}

/** Written once a second and by every process: no change of the records. */
export interface QuotaUsageRecords {
  /** Adds to what was counted, and gives the sums, in the same order. Of a tenant that is gone nothing is kept. */
  add(counts: readonly QuotaUsage[]): Promise<readonly QuotaUsage[]>
  /** Of periods that began then or later. */
  list(since: Instant): Promise<readonly QuotaUsage[]>
  removeOlder(than: Instant): Promise<number>
}

export interface Period {
  readonly startsAt: Instant
  readonly endsAt: Instant
}

/** The one that `now` is in. */
export function periodOf(period: QuotaPeriod, now: Instant): Period {
  const at = new Date(now)
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  const start = (plus: number) => {
    if (period === 'month') return Date.UTC(year, month + plus, 1)
    if (period === 'day') return Date.UTC(year, month, day + plus)
    return Date.UTC(year, month, day, at.getUTCHours() + plus)
  }
  return { startsAt: instant(start(0)), endsAt: instant(start(1)) }
}

/** Names a quota in API and events: `stream.news.day`. Unique within a tenant; a credential's name has no dot, nor a stream's. */
export function quotaId({ kind, name, period }: Omit<QuotaSubject, 'tenant'>): string {
  return `${kind}.${name}.${period}`
}
