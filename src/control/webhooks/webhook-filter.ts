// SPDX-License-Identifier: Apache-2.0
/** Which events an endpoint is told of. */
import { anyGlob, Glob, globProblem } from '../../base/glob.ts'
import type { Event } from '../../events/event.ts'
import type { EventFacts } from '../../events/event-facts.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'

/** A stored pattern that breaks the bounds selects nothing; it does not make the endpoint one for every type. */
export function filterOf({ stream, tenant, types }: Webhook): (event: Event) => boolean {
  const wanted = types.map(Glob.parse).filter((glob) => glob instanceof Glob)
  return (event) => {
    if (event.tenant !== tenant) return false
    const facts: EventFacts = event
    if (stream !== null && facts.stream !== stream) return false
    return types.length === 0 || anyGlob(wanted, event.type)
  }
}

/** What is wrong with stored patterns, as sentences for an event. */
export function skippedTypes({ id, types }: Pick<Webhook, 'id' | 'types'>): readonly string[] {
  return types.flatMap((type) => {
    const problem = globProblem(type)
    return problem === null
      ? []
      : [
          `webhook ${id} is not told of a type: ${problem}; set its types with "posthaste webhook change ${id} --types"`,
        ]
  })
}
