// SPDX-License-Identifier: Apache-2.0
/**
 * Mail that failed, by cause, and what has changed since: where somebody has repaired what was wrong, it may be sent again.
 * Read from the search view, at most `LOOKED_AT` ends, the newest first; nothing is kept for it.
 *
 * Known limits: sites are known of mail that bounced; what expired says its cause alone.
 */
import type { Event } from '../../events/event.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import { type EventSearch, everyEvent } from '../search/event-search.ts'
import { type Repair, Repairs } from './repairs.ts'

const LOOKED_AT = 20_000
const PAGE = 500
/** Of changes that may have mended a cause, the newest. */
const REPAIRS = 5
/** Of each cause, those with most failures: so many are asked for what was delivered since. */
const SITES = 5

export interface FailedGroup {
  /** A class of refusals; `expired` and `person` where no receiver said why. */
  readonly cause: string
  readonly recipients: number
  /** Of those, who was sent the mail again. */
  readonly retried: number
  /** RFC 3339. */
  readonly firstAt: string
  readonly lastAt: string
  /** Those with most failures. */
  readonly sites: readonly FailedSite[]
  /** Since the last of these failures, the newest first. */
  readonly repairs: readonly Repair[]
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

export type Failure = Extract<Event, { readonly type: 'message.bounced' | 'message.expired' }>

export const failureTypes: readonly string[] = ['message.bounced', 'message.expired']

/** `tenant`: `null` for all. `since`: epoch milliseconds. `brakes`: for the installation, else none. */
export async function failedMail(
  search: Pick<EventSearch, 'find'>,
  tenant: string | null,
  since: number,
  brakes: readonly BrakeRecord[],
): Promise<FailedMail> {
  const [{ events, isWhole }, retried, repairs] = await Promise.all([
    newestOf(search, tenant, since, failureTypes),
    newestOf(search, tenant, since, ['message.retried']),
    Repairs.since(search, tenant, since, brakes),
  ])
  const again = new Set(retried.events.flatMap(nameOf))
  const groups = await Promise.all(
    [...Map.groupBy(events.filter(isFailure), causeOf)].map(([cause, own]) =>
      groupOf(search, tenant, cause, own, again, repairs),
    ),
  )
  return { groups: groups.sort((one, other) => other.recipients - one.recipients), isWhole }
}

async function newestOf(
  search: Pick<EventSearch, 'find'>,
  tenant: string | null,
  since: number,
  types: readonly string[],
): Promise<{ readonly events: readonly Event[]; readonly isWhole: boolean }> {
  const events: Event[] = []
  const filter = { ...everyEvent, tenant, since, types }
  let after: string | null = null
  for (let seen = 0; seen < LOOKED_AT; seen += PAGE) {
    const page = await search.find(filter, { order: 'newest', limit: PAGE, after })
    events.push(...page.events)
    after = page.next
    if (after === null) return { events, isWhole: true }
  }
  return { events, isWhole: false }
}

/** Of a real receiver. */
export function isFailure(event: Event): event is Failure {
  const isEnd = event.type === 'message.bounced' || event.type === 'message.expired'
  return isEnd && !event.sandbox
}

/** A class of refusals; `expired` and `person` where no receiver said why. */
export function causeOf(event: Failure): string {
  if (event.meaning !== undefined) return event.meaning.class
  return event.type === 'message.expired' ? 'expired' : event.by === 'person' ? 'person' : 'unknown'
}

/** `failures`: at least one, the newest first. */
async function groupOf(
  search: Pick<EventSearch, 'find'>,
  tenant: string | null,
  cause: string,
  failures: readonly Failure[],
  again: ReadonlySet<string>,
  repairs: Repairs,
): Promise<FailedGroup> {
  const times = failures.map(({ at }) => at).sort()
  const lastAt = times.at(-1) ?? ''
  const names = new Set(failures.flatMap(nameOf))
  const bySite = Map.groupBy(
    failures.filter((event) => 'site' in event && event.site !== ''),
    (event) => ('site' in event ? event.site : ''),
  )
  const largest = [...bySite].sort(([, one], [, other]) => other.length - one.length)
  const sites = largest.slice(0, SITES).map(async ([site, own]) => ({
    site,
    recipients: new Set(own.flatMap(nameOf)).size,
    worksSince: await firstDelivery(search, tenant, site, own),
  }))
  return {
    cause,
    recipients: names.size,
    retried: names.intersection(again).size,
    firstAt: times[0] ?? '',
    lastAt,
    sites: await Promise.all(sites),
    repairs: repairs.of(cause, lastAt).slice(0, REPAIRS),
  }
}

/** A recipient of a message that bounced at once and by a report failed once. */
function nameOf(event: Event): readonly string[] {
  if (!('recipientIndex' in event)) return []
  return [`${event.messageId} ${event.recipientIndex}`]
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
