// SPDX-License-Identifier: Apache-2.0
/** Which events an endpoint is told of. */
import type { Event } from '../../events/event.ts'
import type { EventFacts } from '../../events/event-facts.ts'
import { queueMatcher } from '../../queue/queue-pattern.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'

export function filterOf({ stream, tenant, types }: Webhook): (event: Event) => boolean {
  const wanted = types.map(queueMatcher)
  return (event) => {
    if (event.tenant !== tenant) return false
    const facts: EventFacts = event
    if (stream !== null && facts.stream !== stream) return false
    return wanted.length === 0 || wanted.some((is) => is(event.type))
  }
}
