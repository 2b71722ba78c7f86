// SPDX-License-Identifier: Apache-2.0
/** Whether an event is what a filter asks for, by what it says itself: the one meaning of filters, in search and in streams. */
import { anyGlob, globOf } from '../../base/glob.ts'
import type { Event } from '../../events/event.ts'
import { type EventFacts, providerOf, recipientsOf } from '../../events/event-facts.ts'
import type { EventFilter } from './event-search.ts'

/** All but the tag, which only the reception of a message says. */
export function eventMatcher(filter: EventFilter): (event: Event) => boolean {
  const { tenant, message, stream, campaign, provider, headerMessageId, since, until } = filter
  const types = filter.types.map(globOf)
  const recipient = filter.recipient?.toLowerCase() ?? null
  return (event) => {
    const facts: EventFacts = event
    if (tenant !== null && event.tenant !== tenant) return false
    if (types.length > 0 && !anyGlob(types, event.type)) return false
    if (message !== null && facts.messageId !== message) return false
    if (stream !== null && facts.stream !== stream) return false
    if (campaign !== null && facts.campaign !== campaign) return false
    if (provider !== null && providerOf(facts) !== provider) return false
    if (headerMessageId !== null && facts.headerMessageId !== headerMessageId) return false
    if (recipient !== null && !recipientsOf(facts).some((one) => one.toLowerCase() === recipient))
      return false
    if (since === null && until === null) return true
    const at = Date.parse(event.at)
    return (since === null || at >= since) && (until === null || at < until)
  }
}
