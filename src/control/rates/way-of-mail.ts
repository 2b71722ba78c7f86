// SPDX-License-Identifier: Apache-2.0
/**
 * How a recipient's mail went, for views that count what comes back about it. The search view finds it by its terms, however long
 * ago it was; the journals, which would have to be read from then on, are asked only where that view does not have it yet.
 */
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

export function wayFinder(
  search: Pick<EventSearch, 'find'>,
  desk: Pick<MailDesk, 'trace'>,
): FindWay {
  return async (id, index) => {
    const found = wayIn(await eventsFound(search, id), index)
    if (found.received !== null && found.delivered !== null) return found
    try {
      return wayIn(await desk.trace(id), index)
    } catch {
      // RLY_MESSAGE_UNKNOWN: nothing of it is kept; or the worker that has it is being replaced.
      return found
    }
  }
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
