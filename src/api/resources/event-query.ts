// SPDX-License-Identifier: Apache-2.0
/** How events are asked for: the same names wherever there are events. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import {
  type EventFilter,
  type EventSearch,
  everyEvent,
} from '../../control/search/event-search.ts'
import { typePatternProblem, typePatternsIn } from '../../events/event-types.ts'
import { parseMessageId } from '../../events/ids.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import type { ApiContext } from '../http/api-context.ts'
import { pointInTime } from '../http/fields.ts'

const LONGEST_TEXT = 1_000
const LONGEST_TYPES = 500

const text = z.string().min(1).max(LONGEST_TEXT).optional()

const messageId = z.string().transform((given, context) => {
  const id = parseMessageId(given)
  if (id !== null) return id
  context.addIssue({
    code: 'custom',
    message: `"${given.slice(0, 50)}" is not a message id: expected 26 letters and digits`,
  })
  return z.NEVER
})

/** `delivered` is `message.delivered`. */
const types = z
  .string()
  .max(LONGEST_TYPES)
  .transform((list, context) => {
    const patterns = typePatternsIn(list)
    for (const pattern of patterns) {
      const message = typePatternProblem(pattern)
      if (message !== null) context.addIssue({ code: 'custom', message })
    }
    return patterns
  })
  .meta({ description: 'Names of types or patterns with *, separated by commas: bounced,domain.*' })

/** What a stream of events can be narrowed to. */
export const streamFilterQuery = {
  message: messageId.optional().meta({ description: 'Id of a message.' }),
  recipient: text.meta({ description: 'A mailbox, whatever its case.' }),
  stream: text,
  campaign: text,
  type: types.optional(),
  provider: text.meta({ description: 'A provider, or a site, as events name it.' }),
  tag: text.meta({ description: 'Of the message that an event is about.' }),
}

export const filterQuery = {
  ...streamFilterQuery,
  headerMessageId: text.meta({ description: 'Message-ID of the header section, with < and >.' }),
  since: pointInTime.optional(),
  until: pointInTime.optional().meta({ description: 'Not included.' }),
}

export type FilterQuery = z.output<z.ZodObject<typeof filterQuery>>

export function filterOf(scope: TenantScope, query: Partial<FilterQuery>): EventFilter {
  const { type, ...given } = Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as Partial<FilterQuery>
  const tenant = scope.kind === 'tenant' ? scope.tenant : null
  return { ...everyEvent, ...given, types: type ?? [], tenant } as EventFilter
}

/** Throws `RLY_RELAY_NOT_RUNNING`. */
export function searchOf({ search }: ApiContext): EventSearch {
  if (search !== null) return search
  throw new RelayError(
    'RLY_RELAY_NOT_RUNNING',
    'events are found by a running relay: start it with "posthaste serve"',
  )
}
