// SPDX-License-Identifier: Apache-2.0
/**
 * What each credential uses to hand in, by the hour, and whether this hour departs far from it: then somebody else may have the
 * secret. Counts of hours are kept in the records beside those of quotas; here are the hour that is now and the largest and the
 * average one of the last week.
 *
 * Known limits: only volume is looked at, neither whose mail it is nor what bounces. With several workers each hears of the
 * others every ten seconds.
 */

import { baselineLimits } from '../base/baseline-limits.ts'
import type { Instant } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { periodOf, type QuotaUsage } from '../records/quota.ts'
import type { CredentialId, Slug } from '../records/records.ts'

/** Of hours that something was handed in, in recipients. */
export interface Usual {
  readonly largest: number
  readonly average: number
}

export interface Departure {
  readonly credential: CredentialId
  /** In this hour, all workers together, with the message that is judged. */
  readonly recipients: number
  readonly usual: Usual
}

interface Counted {
  readonly tenant: Slug
  startsAt: Instant
  endsAt: Instant
  /** Of all processes, at the last write. */
  known: number
  pending: number
  writing: number
  hasDeparted: boolean
}

/** In place of a credential's name, so that it is no quota's count. */
const PREFIX = 'usual:'

export class CredentialBaselines {
  readonly #clock: Pick<Clock, 'now'>
  readonly #onDeparture: (departure: Departure, tenant: Slug) => void
  readonly #counted = new Map<CredentialId, Counted>()
  /** Of credentials that have been used for long enough. */
  #usual: ReadonlyMap<string, Usual> = new Map()
  #ended: QuotaUsage[] = []

  /** `onDeparture`: for the first time in an hour. */
  constructor(
    clock: Pick<Clock, 'now'>,
    onDeparture: (departure: Departure, tenant: Slug) => void,
  ) {
    this.#clock = clock
    this.#onDeparture = onDeparture
  }

  /** Counts mail that comes in; `null`: it is as usual, or there is nothing to compare it with. */
  note(tenant: Slug, credential: CredentialId, recipients: number): Departure | null {
    const counted = this.#of(tenant, credential)
    if (counted === null) return null
    const total = counted.known + counted.pending + recipients
    counted.pending += recipients
    if (total <= baselineLimits.leastRecipients) return null
    const usual = this.#usual.get(credential)
    if (usual === undefined || total <= usual.largest * baselineLimits.timesLargest) return null
    const departure = { credential, recipients: total, usual }
    if (!counted.hasDeparted) this.#onDeparture(departure, tenant)
    counted.hasDeparted = true
    return departure
  }

  /** To be followed by `written` or `failed`. */
  toWrite(): readonly QuotaUsage[] {
    const now = this.#clock.now()
    const counts = [...this.#ended]
    for (const [credential, counted] of this.#counted) {
      this.#turn(credential, counted, now)
      counted.writing = counted.pending
      if (counted.writing > 0) counts.push(usageOf(credential, counted, counted.writing))
    }
    return counts
  }

  /** The sums of what `toWrite` gave. */
  written(sums: readonly QuotaUsage[]): void {
    this.#ended = []
    for (const { name, startedAt, recipients } of sums) {
      const counted = this.#counted.get(name.slice(PREFIX.length) as CredentialId)
      if (counted === undefined || counted.startsAt !== startedAt) continue
      counted.known = recipients
      counted.pending -= counted.writing
      counted.writing = 0
    }
  }

  failed(): void {
    for (const counted of this.#counted.values()) counted.writing = 0
  }

  /** What was counted within `baselineLimits.withinMs`; at the start, and once an hour. */
  learn(usage: readonly QuotaUsage[]): void {
    const now = this.#clock.now()
    const hours = Map.groupBy(
      usage.filter(({ name }) => name.startsWith(PREFIX)),
      ({ name }) => name.slice(PREFIX.length),
    )
    const usual = new Map<string, Usual>()
    for (const [credential, counts] of hours) {
      const first = Math.min(...counts.map(({ startedAt }) => startedAt))
      const settled = counts.filter(({ startedAt }) => now - startedAt >= baselineLimits.settledMs)
      if (settled.length === 0 || now - first < baselineLimits.matureMs) continue
      const all = settled.map(({ recipients }) => recipients)
      const sum = all.reduce((total, one) => total + one, 0)
      usual.set(credential, { largest: Math.max(...all), average: Math.round(sum / all.length) })
    }
    this.#usual = usual
    for (const { name, startedAt, recipients, tenant } of usage) {
      if (!name.startsWith(PREFIX) || startedAt !== periodOf('hour', now).startsAt) continue
      const counted = this.#of(tenant, name.slice(PREFIX.length) as CredentialId)
      if (counted !== null) counted.known = Math.max(counted.known, recipients)
    }
  }

  #of(tenant: Slug, credential: CredentialId): Counted | null {
    const now = this.#clock.now()
    const known = this.#counted.get(credential)
    if (known !== undefined) {
      this.#turn(credential, known, now)
      return known
    }
    if (this.#counted.size >= baselineLimits.credentials) return null
    const fresh: Counted = { tenant, ...freshHour(now) }
    this.#counted.set(credential, fresh)
    return fresh
  }

  /** A new hour begins with nothing. */
  #turn(credential: CredentialId, counted: Counted, now: Instant): void {
    if (now < counted.endsAt) return
    if (counted.pending > 0) this.#ended.push(usageOf(credential, counted, counted.pending))
    Object.assign(counted, freshHour(now))
  }
}

/** One sentence with the numbers. */
export function departureInWords({ credential, recipients, usual }: Departure): string {
  return `Credential ${credential} has handed in mail for ${recipients} recipients within this hour; an hour of the last week had ${usual.average} on average and ${usual.largest} at most`
}

function freshHour(now: Instant): Omit<Counted, 'tenant'> {
  return { ...periodOf('hour', now), known: 0, pending: 0, writing: 0, hasDeparted: false }
}

function usageOf(credential: CredentialId, counted: Counted, recipients: number): QuotaUsage {
  return {
    tenant: counted.tenant,
    kind: 'credential',
    name: PREFIX + credential,
    period: 'hour',
    startedAt: counted.startsAt,
    recipients,
  }
}
