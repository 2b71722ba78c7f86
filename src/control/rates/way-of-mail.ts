// SPDX-License-Identifier: Apache-2.0
/**
 * How a recipient's mail went, for views that count what comes back about it. The search view finds it by its terms, however long
 * ago it was; the journals, which would have to be read from then on, are asked only where that view does not have it yet.
 */
import { rateLimits } from '../../base/limits/rate-limits.ts'
import { RecentMap } from '../../base/recent-map.ts'
import type { DeliveredEvent, Event, ReceivedEvent } from '../../events/event.ts'
import type { MessageId } from '../../events/ids.ts'
import type { MailDesk } from '../desk/mail-desk.ts'
import { type EventSearch, everyEvent } from '../search/event-search.ts'

export interface WayOfMail {
  /** `null`: nothing is kept of it. */
  readonly received: ReceivedEvent | null
  /** The last one; `null`: none, as far as is known. */
  readonly delivered: DeliveredEvent | null
}

export type FindWay = (id: MessageId, recipientIndex: number) => Promise<WayOfMail>

/** Of a message with thousands of recipients the first pages are looked at. */
const PAGE = 500
const PAGES = 4

/** Several views ask about the same mail at about the same time: it is looked up once for all of them. */
export function wayFinder(
  search: Pick<EventSearch, 'find'>,
  desk: Pick<MailDesk, 'trace'>,
): FindWay {
  const known = new RecentMap<string, WayOfMail>(rateLimits.waysShared)
  const asked = new Map<string, Promise<WayOfMail>>()
  return (id, index) => {
    const name = `${id} ${index}`
    const way = known.get(name)
    if (way !== undefined) return Promise.resolve(way)
    const before = asked.get(name)
    if (before !== undefined) return before
    const asking = lookUp(search, desk, id, index).then((found) => {
      // What is not there yet may come.
      if (isWhole(found)) known.set(name, found)
      return found
    })
    asked.set(name, asking)
    return asking.finally(() => asked.delete(name))
  }
}

async function lookUp(
  search: Pick<EventSearch, 'find'>,
  desk: Pick<MailDesk, 'trace'>,
  id: MessageId,
  index: number,
): Promise<WayOfMail> {
  const found = wayIn(await eventsFound(search, id), index)
  if (isWhole(found)) return found
  try {
    return wayIn(await desk.trace(id), index)
  } catch {
    // RLY_MESSAGE_UNKNOWN: nothing of it is kept; or the worker that has it is being replaced.
    return found
  }
}

function isWhole({ delivered, received }: WayOfMail): boolean {
  return received !== null && delivered !== null
}

async function eventsFound(search: Pick<EventSearch, 'find'>, id: MessageId) {
  const types = ['message.received', 'message.delivered']
  const filter = { ...everyEvent, message: id, types }
  const events: Event[] = []
  let after: string | null = null
  try {
    for (let page = 0; page < PAGES; page++) {
      const found = await search.find(filter, { order: 'oldest', limit: PAGE, after })
      events.push(...found.events)
      after = found.next
      if (after === null) break
    }
  } catch {
    // RLY_BUSY: too many search.
  }
  return events
}

function wayIn(events: readonly Event[], index: number): WayOfMail {
  const received = events.find((event) => event.type === 'message.received')
  const delivered = events.findLast(
    (event) => event.type === 'message.delivered' && event.recipientIndex === index,
  )
  return {
    received: received?.type === 'message.received' ? received : null,
    delivered: delivered?.type === 'message.delivered' ? delivered : null,
  }
}
