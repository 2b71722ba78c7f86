// SPDX-License-Identifier: Apache-2.0
/**
 * Mailboxes that stay full. One full mailbox says nothing: people tidy up. Mail of several days that found it full until it
 * expired, with none delivered in between, says that nobody reads there now; for a while, since somebody may again.
 *
 * Nothing is kept for it: each such end is looked up with what the search view knows of the recipient.
 */
import { days, type Instant } from '../../base/brand.ts'
import type { Event } from '../../events/event.ts'
import type { Directory } from '../../records/directory.ts'
import type { Slug } from '../../records/records.ts'
import { type EventSearch, everyEvent } from '../search/event-search.ts'
import { outlasts, type PatienceParts } from './bounce-patience.ts'

/** How long such a suppression lasts. */
export const FULL_FOR = days(90)
/** Ends of a recipient that are looked at, the newest first; who has had more of late gets mail. */
const LOOKED_AT = 100
const DAY_MS = days(1)

export interface FullMailboxParts extends PatienceParts {
  readonly search: Pick<EventSearch, 'find'>
  readonly directory: () => Pick<Directory, 'brakes' | 'stream'>
}

export type FullEnd = Extract<Event, { readonly type: 'message.expired' | 'message.bounced' }>

/** It came to its end, or a report says that it did, since the mailbox was full. */
export function foundFull(event: Event): event is FullEnd {
  const isEnd = event.type === 'message.expired' || event.type === 'message.bounced'
  if (!isEnd || event.sandbox || event.meaning?.class !== 'mailbox-full') return false
  return !('certainty' in event) || event.certainty === 'proven'
}

/** As the policy of its stream has it. */
export async function isFullTooOften(
  parts: FullMailboxParts,
  event: FullEnd,
  signal: AbortSignal,
): Promise<boolean> {
  const { tenant, recipient } = event
  const stream = parts.directory().stream(tenant as Slug, event.stream as Slug)
  const times = stream?.fullMailboxTimes ?? 0
  if (stream === null || times === 0) return false
  const at = Date.parse(event.at) as Instant
  const end = { at, cause: 'mailbox-full', site: recipient.slice(recipient.lastIndexOf('@') + 1) }
  if (!(await outlasts(parts, end, signal))) return false
  const { events } = await parts.search.find(
    {
      ...everyEvent,
      ...{ tenant, recipient, since: at - days(stream.fullMailboxDays), until: at + 1 },
      types: ['message.delivered', 'message.expired', 'message.bounced'],
    },
    { order: 'newest', limit: LOOKED_AT, after: null },
  )
  const found = new Set([dayOf(event)])
  for (const other of events) {
    if (other.type === 'message.delivered') break
    if (foundFull(other)) found.add(dayOf(other))
  }
  return found.size >= times
}

function dayOf({ at }: Event): number {
  return Math.floor(Date.parse(at) / DAY_MS)
}
