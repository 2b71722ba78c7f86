// SPDX-License-Identifier: Apache-2.0
/** What a request says: one event, or several where the endpoint takes more than one. */
import type { Event } from '../../events/event.ts'

/** `isBatch`: as the endpoint is set up now, however many there are this time. */
export function bodyOf(events: readonly Event[], isBatch: boolean): Buffer {
  const [first] = events
  const last = events.at(-1)
  return Buffer.from(
    JSON.stringify(
      isBatch || events.length > 1 || first === undefined
        ? { type: 'events', timestamp: last?.at, data: { events } }
        : { type: first.type, timestamp: first.at, data: first },
    ),
  )
}
