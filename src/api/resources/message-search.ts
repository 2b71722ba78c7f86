// SPDX-License-Identifier: Apache-2.0
/** `/messages`: what became of them. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { type EventSearch, everyEvent } from '../../control/search/event-search.ts'
import type { Event, ReceivedEvent } from '../../events/event.ts'
import { type EventFacts, recipientsOf } from '../../events/event-facts.ts'
import { type MessageId, parseMessageId } from '../../events/ids.ts'
import { reaches, type TenantScope } from '../../records/tenant-scope.ts'
import type { ApiContext } from '../http/api-context.ts'
import {
  cursorOf,
  keyOfCursor,
  pageOf,
  pageQuery,
  placeOfSealed,
  sealedCursor,
  sortBy,
} from '../http/page.ts'
import { route } from '../http/route.ts'
import { filterOf, filterQuery, searchOf } from './event-query.ts'
import { anyEvent } from './events.ts'

const { message: _byId, type: _byType, provider: _byProvider, ...messageFilterQuery } = filterQuery

const message = z.object({
  id: z.string(),
  receivedAt: z.string(),
  tenant: z.string(),
  stream: z.string(),
  campaign: z.string().nullable(),
  from: z.string().nullable(),
  subject: z.string().nullable(),
  headerMessageId: z.string().nullable(),
  size: z.number(),
  tags: z.array(z.string()),
  sandbox: z.boolean().meta({ description: 'Nobody got it but the simulated receiver.' }),
  recipients: z.array(z.object({ recipient: z.string(), state: z.string(), at: z.string() })).meta({
    description: 'With what happened to each last: waiting, delivered, deferred, bounced …',
  }),
})

export type MessageAnswer = z.infer<typeof message>

/** Each message is looked up by its id, and its events are read. */
const LONGEST_PAGE = 100
const EVENTS_OF_MESSAGE = 2_000

export const find = route({
  id: 'messages.find',
  method: 'GET',
  path: '/messages',
  summary:
    'Finds messages by recipient, Message-ID, stream, campaign, tag or time, the newest first unless sorted by `receivedAt`.',
  needs: 'read',
  query: z.strictObject({
    ...messageFilterQuery,
    ...pageQuery,
    limit: z.coerce.number().int().min(1).max(LONGEST_PAGE).default(25),
    sort: sortBy(['receivedAt'], '-receivedAt'),
  }),
  answer: pageOf(message),
  run: async ({ scope, query }, context) => {
    const { limit, cursor, sort, ...filter } = query
    const search = searchOf(context)
    const { events, next } = await search.find(
      { ...filterOf(scope, filter), types: ['message.received'] },
      {
        order: sort === 'receivedAt' ? 'oldest' : 'newest',
        limit,
        after: placeOfSealed(cursor, context.records.keyring),
      },
    )
    const received = events.filter((event) => event.type === 'message.received')
    const items = await Promise.all(
      received.map(async (event) => answerOf(event, await eventsOf(search, event.messageId))),
    )
    const nextCursor = next === null ? null : sealedCursor(next, context.records.keyring)
    return { items, nextCursor }
  },
})

export const show = route({
  id: 'messages.show',
  method: 'GET',
  path: '/messages/{id}',
  summary: 'Everything that happened to a message, in order, with every attempt and reply.',
  needs: 'read',
  params: z.strictObject({ id: z.string() }),
  answer: z.object({ id: z.string(), events: z.array(anyEvent) }),
  run: async ({ scope, params }, context) => {
    const { id, events } = await timeline(context, scope, params.id)
    return { id: id as string, events: events.map((event) => ({ ...event })) }
  },
})

export const events = route({
  id: 'messages.events',
  method: 'GET',
  path: '/messages/{id}/events',
  summary: 'The events of a message, the oldest first.',
  needs: 'read',
  params: z.strictObject({ id: z.string() }),
  query: z.strictObject(pageQuery),
  answer: pageOf(anyEvent),
  run: async ({ scope, params, query }, context) => {
    const { events: all } = await timeline(context, scope, params.id)
    const from = query.cursor === undefined ? 0 : Number(keyOfCursor(query.cursor))
    if (!Number.isSafeInteger(from) || from < 0)
      throw new RelayError('RLY_USAGE', 'cursor: this is none that a page has named')
    const to = from + query.limit
    return {
      items: all.slice(from, to).map((event) => ({ ...event })),
      nextCursor: to < all.length ? cursorOf(String(to)) : null,
    }
  },
})

/**
 * The search view has an index; what has just come it may not have yet, and then the journal of the message is gone through.
 * Throws `RLY_MESSAGE_UNKNOWN`.
 */
async function timeline(context: ApiContext, scope: TenantScope, text: string) {
  const id = parseMessageId(text)
  if (context.desk === null || id === null) throw unknown(text)
  const found = await eventsOf(searchOf(context), id).catch(noneWhereBusy)
  const all = found.length > 0 ? found : await context.desk.trace(id)
  const isTheirs = all.some(({ tenant }) => tenant !== null && reaches(scope, tenant))
  if (!isTheirs) throw unknown(text)
  return { id, events: all }
}

function noneWhereBusy(thrown: unknown): readonly Event[] {
  if (thrown instanceof RelayError && thrown.code === 'RLY_BUSY') return []
  throw thrown
}

async function eventsOf(search: EventSearch, id: MessageId): Promise<readonly Event[]> {
  const { events: found } = await search.find(
    { ...everyEvent, message: id },
    { order: 'oldest', limit: EVENTS_OF_MESSAGE, after: null },
  )
  return found
}

function answerOf(received: ReceivedEvent, all: readonly Event[]): MessageAnswer {
  const last = new Map(
    received.recipients.map((recipient) => [recipient, { state: 'waiting', at: received.at }]),
  )
  for (const event of all) {
    const facts: EventFacts = event
    if (!event.type.startsWith('message.') || event.type === 'message.received') continue
    for (const recipient of recipientsOf(facts))
      last.set(recipient, { state: event.type.replace(/^message\./, ''), at: event.at })
  }
  const { messageId, at, tenant, stream, campaign, headerFrom, subject, headerMessageId } = received
  return {
    id: messageId,
    receivedAt: at,
    tenant,
    stream,
    campaign,
    from: headerFrom,
    subject,
    headerMessageId,
    size: received.size,
    tags: received.tags ?? [],
    sandbox: received.sandbox === true,
    recipients: [...last].map(([recipient, state]) => ({ recipient, ...state })),
  }
}

function unknown(id: string): RelayError {
  return new RelayError('RLY_MESSAGE_UNKNOWN', `no events of a message "${id}" are kept here`)
}
