// SPDX-License-Identifier: Apache-2.0
/** `/events`: everything that happened, found by what it is about, and as it happens. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { parseCursor } from '../../events/cursor.ts'
import { pageOf, pageQuery, placeOfSealed, sealedCursor, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'
import { filterOf, filterQuery, searchOf, streamFilterQuery } from './event-query.ts'

/** The schema of each type is that of the journal (`posthaste/events`). */
export const anyEvent = z.looseObject({ id: z.string(), type: z.string(), at: z.string() })

export type EventAnswer = z.infer<typeof anyEvent>

export const list = route({
  id: 'events.list',
  method: 'GET',
  path: '/events',
  summary:
    'Finds events, the newest first unless sorted by `at`. A page may be empty and still have a next one: so much was looked at.',
  needs: 'read',
  query: z.strictObject({ ...filterQuery, ...pageQuery, sort: sortBy(['at'], '-at') }),
  answer: pageOf(anyEvent),
  run: async ({ scope, query }, context) => {
    const { limit, cursor, sort, ...filter } = query
    const { events, next } = await searchOf(context).find(filterOf(scope, filter), {
      order: sort === 'at' ? 'oldest' : 'newest',
      limit,
      after: placeOfSealed(cursor, context.records.keyring),
    })
    return {
      items: events.map((event) => ({ ...event })),
      nextCursor: next === null ? null : sealedCursor(next, context.records.keyring),
    }
  },
})

export const stream = route({
  id: 'events.stream',
  method: 'GET',
  path: '/events/stream',
  summary:
    'Events as they happen (Server-Sent Events). Goes on after `Last-Event-ID`, or after the id that `after` names.',
  needs: 'read',
  query: z.strictObject({
    ...streamFilterQuery,
    after: z.string().max(1_000).optional().meta({
      description: 'The id of an event of a stream, or "oldest"; without it, from now on.',
    }),
  }),
  content: 'event-stream',
  answer: z.string(),
  run: async ({ scope, query, lastEventId, signal }, { streams }) => {
    if (streams === null)
      throw new RelayError('RLY_RELAY_NOT_RUNNING', 'only a running relay has something to tell')
    const { after, ...filter } = query
    const start = lastEventId ?? after ?? null
    return streams.open(
      filterOf(scope, filter),
      start === null ? 'now' : start === 'oldest' ? start : parseCursor(start),
      signal,
    )
  },
})
