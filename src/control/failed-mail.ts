// SPDX-License-Identifier: Apache-2.0
/**
 * Mail that failed, by cause, and what has changed since: where somebody has repaired what was wrong, it may be sent again.
 * Read from the search view, at most `LOOKED_AT` ends, the newest first; nothing is kept for it.
 *
 * Known limits: sites are known of mail that bounced; what expired says its cause alone.
 */
import type { Event } from '../events/event.ts'
import { type EventSearch, everyEvent } from './event-search.ts'

const LOOKED_AT = 20_000
const PAGE = 500
/** Of each cause, those with most failures: so many are asked for what was delivered since. */
const SITES = 5

export interface FailedGroup {
  /** A class of refusals; `expired` and `person` where no receiver said why. */
  readonly cause: string
  readonly recipients: number
  /** RFC 3339. */
  readonly firstAt: string
  readonly lastAt: string
  /** Those with most failures. */
  readonly sites: readonly FailedSite[]
}

export interface FailedSite {
  readonly site: string
  readonly recipients: number
  /** The first delivery there after the last of these failures, RFC 3339; `null`: none. */
  readonly worksSince: string | null
}

export interface FailedMail {
  /** The largest first. */
  readonly groups: readonly FailedGroup[]
  /** There was no more to look at. */
  readonly isWhole: boolean
}

type Failure = Extract<Event, { readonly type: 'message.bounced' | 'message.expired' }>

/** `tenant`: `null` for all. `since`: epoch milliseconds. */
export async function failedMail(
  search: Pick<EventSearch, 'find'>,
  tenant: string | null,
  since: number,
): Promise<FailedMail> {
  const { failures, isWhole } = await failuresSince(search, tenant, since)
  const groups = await Promise.all(
    [...Map.groupBy(failures, causeOf)].map(([cause, own]) => groupOf(search, tenant, cause, own)),
  )
  return { groups: groups.sort((one, other) => other.recipients - one.recipients), isWhole }
}

async function failuresSince(
  search: Pick<EventSearch, 'find'>,
  tenant: string | null,
  since: number,
): Promise<{ readonly failures: readonly Failure[]; readonly isWhole: boolean }> {
  const failures: Failure[] = []
  const filter = { ...everyEvent, tenant, since, types: ['message.bounced', 'message.expired'] }
  let after: string | null = null
  for (let seen = 0; seen < LOOKED_AT; seen += PAGE) {
    const page = await search.find(filter, { order: 'newest', limit: PAGE, after })
    failures.push(...page.events.filter(isFailure))
    after = page.next
    if (after === null) return { failures, isWhole: true }
  }
  return { failures, isWhole: false }
}

function isFailure(event: Event): event is Failure {
  const isEnd = event.type === 'message.bounced' || event.type === 'message.expired'
  return isEnd && !event.sandbox
}

function causeOf(event: Failure): string {
  if (event.meaning !== undefined) return event.meaning.class
  return event.type === 'message.expired' ? 'expired' : event.by === 'person' ? 'person' : 'unknown'
}

/** `failures`: at least one, the newest first. */
async function groupOf(
  search: Pick<EventSearch, 'find'>,
  tenant: string | null,
  cause: string,
  failures: readonly Failure[],
): Promise<FailedGroup> {
  const times = failures.map(({ at }) => at).sort()
  const bySite = Map.groupBy(
    failures.filter((event) => 'site' in event && event.site !== ''),
    (event) => ('site' in event ? event.site : ''),
  )
  const largest = [...bySite].sort(([, one], [, other]) => other.length - one.length)
  const sites = largest.slice(0, SITES).map(async ([site, own]) => ({
    site,
    recipients: recipientsIn(own),
    worksSince: await firstDelivery(search, tenant, site, own),
  }))
  return {
    cause,
    recipients: recipientsIn(failures),
    firstAt: times[0] ?? '',
    lastAt: times.at(-1) ?? '',
    sites: await Promise.all(sites),
  }
}

/** A recipient of a message that bounced at once and by a report failed once. */
function recipientsIn(failures: readonly Failure[]): number {
  return new Set(failures.map(({ messageId, recipientIndex }) => `${messageId} ${recipientIndex}`))
    .size
}

async function firstDelivery(
  search: Pick<EventSearch, 'find'>,
  tenant: string | null,
  site: string,
  failures: readonly Failure[],
): Promise<string | null> {
  const last = Math.max(...failures.map(({ at }) => Date.parse(at)))
  const filter = { ...everyEvent, tenant, provider: site, since: last + 1 }
  const { events } = await search.find(
    { ...filter, types: ['message.delivered'] },
    { order: 'oldest', limit: 1, after: null },
  )
  return events[0]?.at ?? null
}
