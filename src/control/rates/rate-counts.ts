// SPDX-License-Identifier: Apache-2.0
/** What an event adds to rates: to which subjects, on which day, and what. */
import { rateLimits } from '../../base/limits/rate-limits.ts'
import { RecentMap } from '../../base/recent-map.ts'
import type { Event, ReceivedEvent } from '../../events/event.ts'
import { isProvenComplaint } from '../../events/feedback-type.ts'
import { receivedAtOf } from '../../events/ids.ts'
import {
  noCounts,
  type RateCounts,
  type RateDimension,
  type RateRow,
  type RateSubject,
  rateDimensions,
} from '../../records/rate.ts'

/** Of whom there is no name, or one too many. */
export const OTHER = '(other)'

/** How a message went, beside what each of its events says. */
export interface WayOut {
  /** Whose key signed; `null`: nobody's. */
  readonly domain: string | null
  /** `null`: it was not delivered, as far as is known. */
  readonly source: string | null
  readonly provider: string | null
}

/** By an MX host as events name it, `mx1.example.net[192.0.2.1]:25`; `null`: of nobody's. */
export type ProviderOf = (mx: string) => string | null

export type CountedEvent = Extract<
  Event,
  {
    readonly type:
      | 'message.delivered'
      | 'message.bounced'
      | 'message.complained'
      | 'message.unsubscribed'
  }
>

/** `null`: it counts for nothing. */
export function countOf(event: Event): keyof RateCounts | null {
  if ('sandbox' in event && event.sandbox) return null
  switch (event.type) {
    case 'message.delivered':
      return 'delivered'
    case 'message.bounced':
      if (event.by === 'person') return null
      return event.by === 'report' ? 'reported' : 'bounced'
    case 'message.complained':
      return isProvenComplaint(event) ? 'complained' : null
    case 'message.unsubscribed':
      return 'unsubscribed'
    default:
      return null
  }
}

export function signerOf({ signedBy }: ReceivedEvent): string | null {
  return signedBy[0]?.replace(/^.*\._domainkey\./, '') ?? null
}

/** Of an attempt. Providers that nobody has named are one, for there are as many sites as domains. */
export function wayOf(
  event: Extract<CountedEvent, { readonly mx: string | null }>,
  domain: string | null,
  providerOf: ProviderOf,
): WayOut {
  const provider = event.mx === null ? null : providerOf(event.mx)
  return { domain, source: event.source || null, provider: provider ?? OTHER }
}

/** What an event counts for. */
export interface RateKind {
  readonly count: keyof RateCounts
  readonly way: WayOut
  /** Since 1970, of the message. */
  readonly day: number
  readonly subjects: readonly RateSubject[]
}

/** There are few kinds, and each is one object, for thousands of events a second are of them. */
export class RateKinds {
  readonly #known = new RecentMap<string, RateKind>(rateLimits.kinds)

  of(event: CountedEvent, count: keyof RateCounts, way: WayOut): RateKind {
    const { campaign, messageId, stream, tenant } = event
    const day = Math.floor(receivedAtOf(messageId) / rateLimits.dayMs)
    const { domain, provider, source } = way
    // A campaign is anything, and stands last.
    const key = `${count} ${day} ${tenant} ${stream} ${source} ${domain}\n${provider}\n${campaign === null} ${campaign}`
    return this.#known.ensure(key, () => {
      const names = { stream, campaign, source, provider, domain }
      return { count, way, day, subjects: subjectsOf(tenant, names) }
    })
  }
}

function subjectsOf(
  tenant: string,
  names: Readonly<Record<RateDimension, string | null>>,
): readonly RateSubject[] {
  return rateDimensions.flatMap((dimension) => {
    const name = names[dimension]
    return name === null ? [] : { tenant, dimension, name }
  })
}

/** One for each day of a subject. */
export function rowsIn(kinds: readonly RateKind[]): readonly RateRow[] {
  const times = new Map<RateKind, number>()
  for (const kind of kinds) times.set(kind, (times.get(kind) ?? 0) + 1)
  const rows = new Map<string, RateRow>()
  for (const [{ count, day, subjects }, number] of times)
    for (const subject of subjects) {
      const key = `${day} ${keyOf(subject)}`
      const row = rows.get(key) ?? { ...subject, day, ...noCounts }
      rows.set(key, { ...row, [count]: row[count] + number })
    }
  return [...rows.values()]
}

export function subjectsIn(kinds: Iterable<RateKind>): readonly RateSubject[] {
  const subjects = new Map<string, RateSubject>()
  for (const kind of new Set(kinds))
    for (const subject of kind.subjects) subjects.set(keyOf(subject), subject)
  return [...subjects.values()]
}

/** A tenant is a slug; a name is anything, and stands last. */
function keyOf({ dimension, name, tenant }: RateSubject): string {
  return `${tenant} ${dimension} ${name}`
}
