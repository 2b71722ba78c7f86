// SPDX-License-Identifier: Apache-2.0
/**
 * Counts recipients against quotas, in memory: what all processes have counted, as the store said it last, and what was taken
 * here since. Of several workers each goes by an equal share of what was left then, so that no message waits for the store.
 *
 * Known limits: a burst that uses a quota up within the time between two writes may exceed it with several workers, by less than
 * what was left; what a killed process had counted since its last write is not counted.
 */
import type { Instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { quotaLimits } from '../../base/limits/quota-limits.ts'
import {
  type Period,
  periodOf,
  type Quota,
  type QuotaUsage,
  quotaId,
} from '../../records/quotas/quota.ts'
import type { CredentialId, Slug } from '../../records/records.ts'

export interface QuotaShare {
  readonly index: number
  readonly count: number
}

/** Of recipients, within all quotas that are for them; to be given back where the message is not accepted after all. */
export interface Claim {
  readonly kind: 'within'
  readonly counters: readonly Counter[]
  readonly recipients: number
}

/** `until`: when the period ends. */
export interface Over {
  readonly kind: 'over'
  readonly quota: Quota
  readonly until: Instant
}

/** One that nobody asked about. */
export const unclaimed: Claim = { kind: 'within', counters: [], recipients: 0 }

interface Counter {
  readonly quota: Quota
  period: Period
  /** Of all processes, at the last write. */
  known: number
  /** Taken here, and not written. */
  pending: number
  /** Of these, on their way to the store. */
  writing: number
  wasOver: boolean
}

/** In one tenant. */
interface TenantCounters {
  readonly ofTenant: readonly Counter[]
  readonly ofStreams: ReadonlyMap<string, readonly Counter[]>
  readonly ofCredentials: ReadonlyMap<string, readonly Counter[]>
}

const NONE: readonly Counter[] = []

export class QuotaCounters {
  readonly #clock: Pick<Clock, 'now'>
  readonly #share: QuotaShare
  readonly #onOver: (quota: Quota, until: Instant) => void
  #quotas: readonly Quota[] = []
  #byTenant: ReadonlyMap<Slug, TenantCounters> = new Map()
  #counters: readonly Counter[] = []
  /** Of periods that have ended, and not written. */
  #ended: QuotaUsage[] = []

  /** `onOver`: mail is over a quota, for the first time in a period. */
  constructor(
    clock: Pick<Clock, 'now'>,
    share: QuotaShare,
    onOver: (quota: Quota, until: Instant) => void,
  ) {
    this.#clock = clock
    this.#share = share
    this.#onOver = onOver
  }

  /** After a change of the records. What was counted for a quota that stays goes on. */
  replace(quotas: readonly Quota[]): void {
    if (quotas === this.#quotas) return
    const before = new Map(this.#counters.map((counter) => [keyOf(counter.quota), counter]))
    const now = this.#clock.now()
    this.#quotas = quotas
    this.#counters = quotas.map((quota) => {
      const known = before.get(keyOf(quota))
      return known ? Object.assign(known, { quota }) : freshCounter(quota, now)
    })
    const byTenant = Map.groupBy(this.#counters, ({ quota }) => quota.tenant)
    this.#byTenant = new Map([...byTenant].map(([tenant, own]) => [tenant, sorted(own)]))
  }

  /** All or nothing. Most mail has no quota, and then this is one look-up. */
  claim(
    tenant: Slug,
    stream: Slug,
    credential: CredentialId | null,
    recipients: number,
  ): Claim | Over {
    const own = this.#byTenant.get(tenant)
    if (own === undefined) return unclaimed
    const now = this.#clock.now()
    const counters = [
      ...own.ofTenant,
      ...(own.ofStreams.get(stream) ?? NONE),
      ...((credential !== null && own.ofCredentials.get(credential)) || NONE),
    ]
    for (const counter of counters) {
      this.#turn(counter, now)
      if (counter.pending + recipients > this.#room(counter)) return this.#over(counter)
    }
    for (const counter of counters) counter.pending += recipients
    return { kind: 'within', counters, recipients }
  }

  giveBack({ counters, recipients }: Claim): void {
    for (const counter of counters) counter.pending = Math.max(0, counter.pending - recipients)
  }

  /** Some quota is used up to half here, or mail was over it. */
  get isUrgent(): boolean {
    return this.#counters.some(
      (counter) => counter.wasOver || counter.pending * 2 > this.#room(counter),
    )
  }

  /** What is to be written; with several workers all of it, so that each hears of the others. To be followed by `written` or `failed`. */
  toWrite(): readonly QuotaUsage[] {
    const now = this.#clock.now()
    for (const counter of this.#counters) {
      this.#turn(counter, now)
      counter.writing = counter.pending
    }
    const current = this.#counters
      .filter(({ writing }) => writing > 0 || this.#share.count > 1)
      .map(({ quota, period, writing }) => usageOf(quota, period, writing))
    return [...this.#ended, ...current]
  }

  /** The sums of what `toWrite` gave. Returns the quotas that this brought near their end. */
  written(sums: readonly QuotaUsage[], before: readonly QuotaUsage[]): readonly Quota[] {
    this.#ended = []
    const byKey = new Map(this.#counters.map((counter) => [placeOf(counter), counter]))
    const near: Quota[] = []
    sums.forEach((sum, at) => {
      const counter = byKey.get(placeOf({ quota: sum, period: { startsAt: sum.startedAt } }))
      const added = before[at]?.recipients ?? 0
      if (counter === undefined) return
      counter.known = sum.recipients
      counter.pending = Math.max(0, counter.pending - counter.writing)
      counter.writing = 0
      const mark = (counter.quota.recipients * quotaLimits.nearPercent) / 100
      if (sum.recipients >= mark && sum.recipients - added < mark) near.push(counter.quota)
    })
    return near
  }

  /** It stays to be written. */
  failed(): void {
    for (const counter of this.#counters) counter.writing = 0
  }

  /** At the start: what was counted before it. */
  restore(usage: readonly QuotaUsage[]): void {
    const byPlace = new Map(
      usage.map((one) => [placeOf({ quota: one, period: { startsAt: one.startedAt } }), one]),
    )
    for (const counter of this.#counters)
      counter.known = byPlace.get(placeOf(counter))?.recipients ?? counter.known
  }

  /** That this process may take of it since the last write. The first workers have what cannot be divided. */
  #room({ quota, known }: Counter): number {
    const left = Math.max(0, quota.recipients - known)
    const { count, index } = this.#share
    return Math.floor(left / count) + (index < left % count ? 1 : 0)
  }

  #over(counter: Counter): Over {
    const { quota, period } = counter
    if (!counter.wasOver) this.#onOver(quota, period.endsAt)
    counter.wasOver = true
    return { kind: 'over', quota, until: period.endsAt }
  }

  /** A new period begins with nothing. */
  #turn(counter: Counter, now: Instant): void {
    if (now < counter.period.endsAt) return
    const { quota, period, pending } = counter
    if (pending > 0) this.#ended.push(usageOf(quota, period, pending))
    Object.assign(counter, freshCounter(quota, now))
  }
}

function freshCounter(quota: Quota, now: Instant): Counter {
  const period = periodOf(quota.period, now)
  return { quota, period, known: 0, pending: 0, writing: 0, wasOver: false }
}

function sorted(counters: readonly Counter[]): TenantCounters {
  const of = (kind: Quota['kind']) => counters.filter(({ quota }) => quota.kind === kind)
  const byName = (kind: Quota['kind']) => Map.groupBy(of(kind), ({ quota }) => quota.name)
  return {
    ofTenant: of('tenant'),
    ofStreams: byName('stream'),
    ofCredentials: byName('credential'),
  }
}

function usageOf(
  { tenant, kind, name, period: length }: Quota,
  { startsAt }: Period,
  recipients: number,
): QuotaUsage {
  return { tenant, kind, name, period: length, startedAt: startsAt, recipients }
}

function keyOf(quota: Pick<Quota, 'tenant' | 'kind' | 'name' | 'period'>): string {
  return `${quota.tenant} ${quotaId(quota)}`
}

function placeOf({
  quota,
  period,
}: {
  readonly quota: Pick<Quota, 'tenant' | 'kind' | 'name' | 'period'>
  readonly period: Pick<Period, 'startsAt'>
}): string {
  return `${keyOf(quota)} ${period.startsAt}`
}
