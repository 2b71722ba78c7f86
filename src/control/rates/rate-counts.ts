// SPDX-License-Identifier: Apache-2.0
/** What an event adds to rates: to which subjects, on which day, and what. */
import { rateLimits } from '../../base/limits/rate-limits.ts'
import type { Event, ReceivedEvent } from '../../events/event.ts'
import { isProvenComplaint } from '../../events/feedback-type.ts'
import { receivedAtOf } from '../../events/ids.ts'
import { noCounts, type RateCounts, type RateDimension, type RateRow } from '../../records/rate.ts'

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

export function rowsOf(
  event: CountedEvent,
  count: keyof RateCounts,
  { domain, provider, source }: WayOut,
): readonly RateRow[] {
  const { campaign, messageId, stream, tenant } = event
  const day = Math.floor(receivedAtOf(messageId) / rateLimits.dayMs)
  const names: readonly (readonly [RateDimension, string | null])[] = [
    ['stream', stream],
    ['campaign', campaign],
    ['source', source],
    ['provider', provider],
    ['domain', domain],
  ]
  return names.flatMap(([dimension, name]) =>
    name === null ? [] : { day, tenant, dimension, name, ...noCounts, [count]: 1 },
  )
}
