// SPDX-License-Identifier: Apache-2.0
/**
 * What each credential uses to do, by the hour, and whether this hour departs far from it: then somebody else may have the
 * secret. Looked at are recipients, domains to which nothing has gone before, and bounces: also those that come later as reports,
 * which count in the hour in which their message came, so that what a campaign brings back at night is judged by the campaign. Counts
 * of hours are kept in the records beside those of quotas; here are the hour that is now, the ends of the one before, what was usual
 * in the last week, and the domains.
 *
 * What departs teaches nothing: domains that a thief writes to stay strange.
 *
 * Known limits: with several workers each hears of the others' counts every ten seconds, and of their domains at a start.
 */

import { type Instant, instant } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { baselineLimits } from '../base/limits/baseline-limits.ts'
import { domainOf, type Mailbox } from '../protocol/mailbox.ts'
import { periodOf, type QuotaUsage } from '../records/quotas/quota.ts'
import type { CredentialId, Slug } from '../records/records.ts'
import {
  type BaselineThresholds,
  type Departure,
  departureOf,
  type ThisHour,
  type Usual,
} from './departure.ts'
import { DomainSketch, type KeptSketch } from './domain-sketch.ts'
import { type Measure, measureOf, measures, usageName, usualOf } from './hour-counts.ts'
import { UnwrittenCounts } from './unwritten-counts.ts'

const HOUR_MS = 3_600_000

interface Count {
  /** Of all processes, at the last write. */
  known: number
  pending: number
  writing: number
}

interface Counted {
  readonly tenant: Slug
  startsAt: Instant
  endsAt: Instant
  readonly counts: Readonly<Record<Measure, Count>>
  /** Of the hour before: of all processes, as far as is known. */
  before: { ended: number; bounced: number }
  hasDeparted: boolean
  /** `null`: there are too many, and its domains are not looked at. */
  readonly sketch: DomainSketch | null
}

export type Addressees = readonly { readonly forwardPath: Mailbox }[]

export interface BaselineParts {
  readonly clock: Pick<Clock, 'now'>
  readonly thresholds: () => BaselineThresholds
  /** For the first time in an hour. */
  readonly onDeparture: (departure: Departure, tenant: Slug) => void
}

export class CredentialBaselines {
  readonly #parts: BaselineParts
  readonly #counted = new Map<CredentialId, Counted>()
  /** Of credentials that have been used for long enough. */
  #usual: ReadonlyMap<string, Usual> = new Map()
  readonly #unwritten = new UnwrittenCounts()
  #sketches = 0
  #hasLearnt = false

  constructor(parts: BaselineParts) {
    this.#parts = parts
  }

  /** Counts mail that comes in; `null`: it is as usual, or there is nothing to compare it with. */
  note(tenant: Slug, credential: CredentialId, recipients: Addressees): Departure | null {
    const now = this.#parts.clock.now()
    const counted = this.#of(tenant, credential, now)
    if (counted === null) return null
    const { counts, sketch } = counted
    const strange = sketch === null ? null : strangeOf(sketch, recipients, now)
    counts.usual.pending += recipients.length
    if (strange !== null) counts.fresh.pending += strange.size
    const departure = this.#judge(credential, counted, now)
    if (departure === null) {
      if (strange !== null) this.#learnDomains(sketch, strange, now)
    } else if (!counted.hasDeparted) {
      counted.hasDeparted = true
      this.#parts.onDeparture(departure, tenant)
    }
    return departure
  }

  /** Mail for one recipient has ended. `isGone`: it bounced because nobody is there. */
  ended(tenant: Slug, credential: CredentialId, isGone: boolean): void {
    const counted = this.#of(tenant, credential, this.#parts.clock.now())
    if (counted === null) return
    counted.counts.ended.pending++
    if (isGone) counted.counts.bounced.pending++
  }

  /** Somebody is not there whose mail was delivered first; it came in at `receivedAt`. */
  reported(tenant: Slug, credential: CredentialId, receivedAt: Instant): void {
    const now = this.#parts.clock.now()
    const counted = this.#of(tenant, credential, now)
    if (counted === null || now - receivedAt >= baselineLimits.withinMs) return
    const { startsAt } = periodOf('hour', receivedAt)
    if (startsAt >= counted.startsAt) {
      counted.counts.bounced.pending++
      return
    }
    if (isBefore(startsAt, counted)) counted.before.bounced++
    this.#unwritten.add(usageOf(credential, { tenant, startsAt }, 'bounced', 1))
  }

  /** To be followed by `written` or `failed`. */
  toWrite(): readonly QuotaUsage[] {
    const now = this.#parts.clock.now()
    for (const [credential, counted] of this.#counted) this.#turn(credential, counted, now)
    const usages = [...this.#unwritten.handOut()]
    for (const [credential, counted] of this.#counted)
      for (const measure of measures) {
        const count = counted.counts[measure]
        count.writing = count.pending
        if (count.writing > 0) usages.push(usageOf(credential, counted, measure, count.writing))
      }
    return usages
  }

  /** The sums of what `toWrite` gave. */
  written(sums: readonly QuotaUsage[]): void {
    this.#unwritten.written()
    for (const { name, startedAt, recipients } of sums) {
      const of = measureOf(name)
      const counted = of && this.#counted.get(of.credential)
      if (!counted) continue
      if (counted.startsAt !== startedAt) {
        hearBefore(counted, of.measure, startedAt, recipients)
        continue
      }
      const count = counted.counts[of.measure]
      count.known = recipients
      count.pending -= count.writing
      count.writing = 0
    }
  }

  failed(): void {
    this.#unwritten.failed()
    for (const { counts } of this.#counted.values())
      for (const measure of measures) counts[measure].writing = 0
  }

  /** What was counted within `baselineLimits.withinMs`; at the start, and once an hour. */
  learn(usage: readonly QuotaUsage[]): void {
    const now = this.#parts.clock.now()
    this.#usual = usualOf(usage, now)
    const { startsAt } = periodOf('hour', now)
    for (const { name, startedAt, recipients, tenant } of usage) {
      const of = startsAt - startedAt <= HOUR_MS ? measureOf(name) : null
      const counted = of && this.#of(tenant, of.credential, now)
      if (!counted) continue
      const count = counted.counts[of.measure]
      if (startedAt === startsAt) count.known = Math.max(count.known, recipients)
      else hearBefore(counted, of.measure, startedAt, recipients)
    }
  }

  /** Of the process before, or of another one; before mail is taken. */
  recall(tenant: Slug, credential: CredentialId, kept: KeptSketch): void {
    const now = this.#parts.clock.now()
    this.#of(tenant, credential, now)?.sketch?.merge(kept, now)
  }

  /** To which domains mail has gone; `null`: nothing is new since it was asked last. */
  takeLearnt(): Iterable<{
    readonly tenant: Slug
    readonly credential: CredentialId
    readonly kept: KeptSketch
  }> | null {
    if (!this.#hasLearnt) return null
    this.#hasLearnt = false
    return [...this.#counted].flatMap(([credential, { sketch, tenant }]) =>
      sketch === null ? [] : { tenant, credential, kept: sketch.kept },
    )
  }

  #judge(
    credential: CredentialId,
    { before, counts, sketch }: Counted,
    now: Instant,
  ): Departure | null {
    const usual = this.#usual.get(credential)
    if (usual === undefined) return null
    const hour: ThisHour = {
      recipients: counts.usual.known + counts.usual.pending,
      newDomains: counts.fresh.known + counts.fresh.pending,
      ended: counts.ended.known + counts.ended.pending,
      bounced: counts.bounced.known + counts.bounced.pending,
      knowsDomains: sketch !== null && now - sketch.since >= baselineLimits.domainsMatureMs,
    }
    for (const judged of [hour, { ...hour, ...before }]) {
      const kind = departureOf(judged, usual, this.#parts.thresholds())
      if (kind !== null) return { credential, kind, hour: judged, usual }
    }
    return null
  }

  #learnDomains(sketch: DomainSketch | null, domains: ReadonlySet<string>, now: Instant): void {
    for (const domain of domains) sketch?.learn(domain, now)
    this.#hasLearnt = true
  }

  #of(tenant: Slug, credential: CredentialId, now: Instant): Counted | null {
    const known = this.#counted.get(credential)
    if (known !== undefined) {
      this.#turn(credential, known, now)
      return known
    }
    if (this.#counted.size >= baselineLimits.credentials) return null
    const hasRoom = this.#sketches < baselineLimits.sketches
    if (hasRoom) this.#sketches++
    const fresh: Counted = {
      tenant,
      ...periodOf('hour', now),
      counts: { usual: noCount(), fresh: noCount(), ended: noCount(), bounced: noCount() },
      before: { ended: 0, bounced: 0 },
      hasDeparted: false,
      sketch: hasRoom ? new DomainSketch(now) : null,
    }
    this.#counted.set(credential, fresh)
    return fresh
  }

  /** A new hour begins with nothing. */
  #turn(credential: CredentialId, counted: Counted, now: Instant): void {
    if (now < counted.endsAt) return
    const { bounced, ended } = counted.counts
    const current = periodOf('hour', now)
    counted.before = isBefore(counted.startsAt, current)
      ? { ended: ended.known + ended.pending, bounced: bounced.known + bounced.pending }
      : { ended: 0, bounced: 0 }
    for (const measure of measures) {
      const count = counted.counts[measure]
      this.#unwritten.add(usageOf(credential, counted, measure, count.pending - count.writing))
      Object.assign(count, noCount())
    }
    Object.assign(counted, current, { hasDeparted: false })
  }
}

/** Domains of recipients to which nothing has gone, each once; `null`: there are none, as is usual. */
function strangeOf(
  sketch: DomainSketch,
  recipients: Addressees,
  now: Instant,
): ReadonlySet<string> | null {
  let strange: Set<string> | null = null
  let last = ''
  for (const { forwardPath } of recipients) {
    const domain = domainOf(forwardPath)
    if (domain === last) continue
    last = domain
    if (sketch.knows(domain, now)) continue
    strange ??= new Set()
    strange.add(domain)
  }
  return strange
}

function isBefore(startsAt: Instant, { startsAt: later }: Pick<Counted, 'startsAt'>): boolean {
  return startsAt === instant(later - HOUR_MS)
}

/** What all processes have counted; counts only grow. */
function hearBefore(counted: Counted, measure: Measure, startedAt: Instant, sum: number): void {
  if (!isBefore(startedAt, counted) || (measure !== 'ended' && measure !== 'bounced')) return
  counted.before[measure] = Math.max(counted.before[measure], sum)
}

function noCount(): Count {
  return { known: 0, pending: 0, writing: 0 }
}

function usageOf(
  credential: CredentialId,
  { startsAt, tenant }: Pick<Counted, 'startsAt' | 'tenant'>,
  measure: Measure,
  recipients: number,
): QuotaUsage {
  return {
    tenant,
    kind: 'credential',
    name: usageName(measure, credential),
    period: 'hour',
    startedAt: startsAt,
    recipients,
  }
}
