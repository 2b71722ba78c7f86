// SPDX-License-Identifier: Apache-2.0
/**
 * Where paths ask what replies have taught, and say what they heard. A process that is alone keeps it itself (`own-lessons.ts`);
 * beside other workers the ledger does (`lent-lessons.ts`). Who asks does not know which.
 */
import { type DurationMs, hours, minutes, ms } from '../../base/brand.ts'
import type { RateLimit } from '../../base/quantity.ts'
import type { Aspect, Heard } from './lesson.ts'

/** Of whom a receiver complained. */
export type Whom = { readonly kind: 'path'; readonly source: string; readonly site: string } | Flow

/** Mail of a tenant, or of one of its campaigns, to one place. `at`: the provider, or the site where it has none. */
export type Flow =
  | { readonly kind: 'tenant'; readonly tenant: string; readonly at: string }
  | {
      readonly kind: 'campaign'
      readonly tenant: string
      readonly campaign: string
      readonly at: string
    }

/** Neither sources, sites, tenants nor places have a space. */
export function keyOf(whom: Whom): string {
  switch (whom.kind) {
    case 'path':
      return `path ${whom.source} ${whom.site}`
    case 'tenant':
      return `tenant ${whom.tenant} ${whom.at}`
    case 'campaign':
      return `campaign ${whom.tenant} ${whom.at} ${whom.campaign}`
  }
}

/** Of its key; `null`: it is that of a path. */
export function flowOf(key: string): Flow | null {
  const [kind, tenant = '', at = '', ...rest] = key.split(' ')
  if (kind === 'tenant') return { kind, tenant, at }
  return kind === 'campaign' ? { kind, tenant, at, campaign: rest.join(' ') } : null
}

/** What is kept to now, where that is less than the rules allow; by what it was taught. */
export type Learned = { readonly [A in Aspect]?: LearnedValue }

export interface LearnedValue {
  /** In messages a minute, or a count. */
  readonly value: number
  /** The last complaint, in the words of the receiver. */
  readonly words: string
}

/** Limits of the rules, in the same measure; `null`, or not there: none. */
export type RuleLimits = { readonly [A in Aspect]?: number | null }

export type Signal =
  | {
      readonly kind: 'complaint'
      readonly whom: Whom
      readonly aspect: Aspect
      readonly heard: Heard
      readonly words: string
      /** How long ago that was sent which was complained of, where several paths may hear the same. */
      readonly age?: DurationMs
    }
  /** So many went well that were sent after the last complaint. */
  | {
      readonly kind: 'success'
      readonly whom: Whom
      readonly count: number
      readonly limits: RuleLimits
    }

/** What a signal came to. `null` for what the rules alone decide. */
export interface Taught {
  readonly whom: Whom
  readonly aspect: Aspect
  readonly before: number | null
  readonly after: number | null
  /** Of the rules. */
  readonly limit: number | null
  /** The last complaint. */
  readonly words: string
}

/** By the place that they are at. */
export interface FlowLessons {
  /** Places that have any. */
  readonly size: number
  /** By key; `null`: none. */
  at(place: string): ReadonlyMap<string, Learned> | null
}

export interface Lessons {
  /** Changes whenever anything that was learned does. */
  readonly version: number
  of(key: string): Learned | null
  /** Those about tenants and campaigns. */
  readonly flows: FlowLessons
  hear(signal: Signal): void
}

/** As a limit of a path: by the minute, or by the hour where it is less than one a minute. */
export function rateOf(perMinute: number): RateLimit {
  // A little more than it is: fractions are not exact.
  const count = perMinute + 1e-6
  if (count >= 1) return { count: Math.floor(count), per: minutes(1), burst: 1 }
  return { count: Math.max(1, Math.floor(60 * count)), per: hours(1), burst: 1 }
}

export function perMinute({ count, per }: { count: number; per: DurationMs }): number {
  return (count * minutes(1)) / per
}

/** What goes, measured over the last minute. */
export class Traffic {
  #since: DurationMs | null = null
  #sent = 0
  #before = 0

  carried(now: DurationMs): void {
    this.#turn(now)
    this.#sent++
  }

  /** Messages a minute; `null` where nothing went of late. */
  perMinute(now: DurationMs): number | null {
    this.#turn(now)
    if (this.#since === null || this.#sent + this.#before === 0) return null
    const length = Math.max(LEAST_MEASURED, now - this.#since + (this.#before > 0 ? HALF : 0))
    return ((this.#sent + this.#before) * minutes(1)) / length
  }

  #turn(now: DurationMs): void {
    this.#since ??= now
    const halves = Math.floor((now - this.#since) / HALF)
    if (halves === 0) return
    this.#before = halves === 1 ? this.#sent : 0
    this.#sent = 0
    this.#since = ms(this.#since + halves * HALF)
  }
}

const HALF = ms(30_000)
/** A path that has just begun is measured as if it had sent for so long. Who counts by the hour complains again, and soon has its pace. */
const LEAST_MEASURED = ms(1_000)
