// SPDX-License-Identifier: Apache-2.0
/** `/webhooks/{id}/…`: what was sent to an endpoint, what it never took, and sending it again. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { NumberSeal } from '../../base/number-seal.ts'
import { bodyOf } from '../../control/webhooks/webhook-body.ts'
import type { DeadLetter, LoggedAttempt, Numbered } from '../../control/webhooks/webhook-ledger.ts'
import { timestampOf } from '../../events/event.ts'
import { eventId } from '../../events/ids.ts'
import { showWebhook } from '../../records/webhooks/webhook-service.ts'
import type { ApiContext } from '../http/api-context.ts'
import { pointInTime, timestamp } from '../http/fields.ts'
import { numberAfter, numberCursor, pageOf, pageQuery } from '../http/page.ts'
import { route } from '../http/route.ts'
import { byId } from './webhook-fields.ts'

const attempt = z.object({
  at: timestamp,
  webhookId: z.string().meta({ description: 'As the request had it; of a test "test_…".' }),
  events: z.array(z.string()).meta({ description: 'Ids of the events in it.' }),
  attempt: z.int(),
  url: z.string(),
  status: z.int().nullable().meta({ description: 'null: it did not answer.' }),
  answer: z.string().meta({ description: 'The beginning of what it answered.' }),
  why: z.string().nullable().meta({ description: 'Why it did not answer.' }),
  durationMs: z.int(),
})

const numbered = { id: z.string() }

export type AttemptAnswer = z.infer<typeof attempt>

const deadLetter = z.object({
  id: z.string(),
  webhookId: z.string(),
  events: z.array(z.string()),
  attempts: z.int(),
  firstAt: timestamp.nullable(),
  deadAt: timestamp,
  why: z.string().meta({ description: 'What came of the last attempt.' }),
})

export type DeadLetterAnswer = z.infer<typeof deadLetter>

const state = z.object({
  health: z.enum(['up', 'down']),
  failures: z.int().meta({ description: 'In a row.' }),
  nextAttemptAt: timestamp.nullable().meta({ description: 'Of an endpoint that is down.' }),
  waiting: z
    .int()
    .meta({ description: 'Requests that are under way, or wait for another attempt.' }),
  dead: z.int().meta({ description: 'Dead letters.' }),
})

export type StateAnswer = z.infer<typeof state>

export const look = route({
  id: 'webhooks.look',
  method: 'GET',
  path: '/webhooks/{id}/state',
  summary: 'Says how an endpoint is now.',
  needs: 'webhooks',
  params: byId,
  answer: state,
  run: async ({ scope, params }, context) => {
    const { id } = await showWebhook(context.records.store, scope, params.id)
    const { ledger, sender } = webhooksOf(context).look(id)
    const { health, waiting } = sender
    return {
      health: health.kind,
      failures: health.failures,
      nextAttemptAt: health.kind === 'down' ? timestampOf(health.until) : null,
      waiting,
      dead: ledger.deadCount(id),
    }
  },
})

export const deliveries = route({
  id: 'webhooks.deliveries',
  method: 'GET',
  path: '/webhooks/{id}/deliveries',
  summary: 'Lists what was sent to an endpoint, and what it answered, the newest first.',
  needs: 'webhooks',
  params: byId,
  query: z.strictObject(pageQuery),
  answer: pageOf(attempt.extend(numbered)),
  run: async ({ scope, params, query }, context) => {
    const { id } = await showWebhook(context.records.store, scope, params.id)
    const { ledger } = webhooksOf(context).look(id)
    const { cursor, limit } = query
    const seal = deliveryNumbers(context)
    const found = ledger.attempts(id, numberAfter(cursor, seal), limit + 1)
    return pageAfter(found, limit, seal, (one) => ({
      id: seal.seal(one.number),
      ...attemptView(one),
    }))
  },
})

export const delivery = route({
  id: 'webhooks.delivery',
  method: 'GET',
  path: '/webhooks/{id}/deliveries/{number}',
  summary: 'Shows one request to an endpoint with what it said, as far as its events are kept.',
  needs: 'webhooks',
  params: z.strictObject({ id: z.string(), number: z.string() }),
  answer: attempt.extend({ ...numbered, body: z.string().nullable() }),
  run: async ({ scope, params }, context) => {
    const webhook = await showWebhook(context.records.store, scope, params.id)
    const webhooks = webhooksOf(context)
    const number = deliveryNumbers(context).open(params.number)
    const { ledger } = webhooks.look(webhook.id)
    const found = number === null ? null : ledger.attempt(webhook.id, number)
    if (found === null)
      throw new RelayError('RLY_RECORD_UNKNOWN', `no delivery "${params.number}" is kept`)
    const events = await webhooks.eventsOf(found)
    const body = events.length === 0 ? null : bodyOf(events, webhook.batchEvents > 1).toString()
    return { id: params.number, ...attemptView(found), body }
  },
})

export const dead = route({
  id: 'webhooks.dead',
  method: 'GET',
  path: '/webhooks/{id}/dead',
  summary: 'Lists requests that an endpoint has not taken for three days, the newest first.',
  needs: 'webhooks',
  params: byId,
  query: z.strictObject(pageQuery),
  answer: pageOf(deadLetter),
  run: async ({ scope, params, query }, context) => {
    const { id } = await showWebhook(context.records.store, scope, params.id)
    const { ledger } = webhooksOf(context).look(id)
    const { cursor, limit } = query
    const seal = letterNumbers(context)
    const found = ledger.dead(id, numberAfter(cursor, seal), limit + 1)
    return pageAfter(found, limit, seal, (one) => deadView(one, seal))
  },
})

export const replay = route({
  id: 'webhooks.replay',
  method: 'POST',
  path: '/webhooks/{id}/replay',
  summary:
    'Sends again: everything since a time, and what happens meanwhile after it; or dead letters.',
  needs: 'webhooks',
  params: byId,
  body: z.strictObject({
    since: pointInTime.optional(),
    dead: z
      .union([z.literal('all'), z.array(z.string()).min(1).max(1_000)])
      .optional()
      .meta({ description: 'Ids of dead letters, or all of them.' }),
  }),
  answer: z.object({
    since: timestamp.nullable(),
    dead: z.int().meta({ description: 'Dead letters that are sent again.' }),
  }),
  status: 202,
  run: async ({ scope, params, body }, context) => {
    const { id } = await showWebhook(context.records.store, scope, params.id)
    const webhooks = webhooksOf(context)
    const { dead: letters, since } = body
    if ((letters === undefined) === (since === undefined))
      throw new RelayError('RLY_USAGE', 'say what to send again: "since" a time, or "dead"')
    if (since === undefined) {
      const numbers =
        letters === 'all' || letters === undefined ? null : lettersIn(letters, context)
      return { since: null, dead: webhooks.askAgain(id, numbers) }
    }
    if (since > context.records.clock.now())
      throw new RelayError('RLY_USAGE', 'since: expected a time that is past')
    await webhooks.goBack(id, since)
    return { since: timestampOf(since), dead: 0 }
  },
})

export const test = route({
  id: 'webhooks.test',
  method: 'POST',
  path: '/webhooks/{id}/test',
  summary: 'Sends one request of the type webhook.test now, and says what came of it.',
  needs: 'webhooks',
  params: byId,
  answer: attempt,
  run: async ({ scope, params, signal }, context) => {
    const webhook = await showWebhook(context.records.store, scope, params.id)
    return attemptView(await webhooksOf(context).test(webhook, signal))
  },
})

function webhooksOf({ webhooks }: ApiContext) {
  if (webhooks !== null) return webhooks
  throw new RelayError('RLY_RELAY_NOT_RUNNING', 'no relay runs that would send anything')
}

function attemptView(done: LoggedAttempt): AttemptAnswer {
  const { answer, attempt: count, delivery: webhookId, duration, events, status, url, why } = done
  return {
    at: timestampOf(done.at),
    webhookId,
    events: events.map(({ journal, lsn }) => eventId(journal, lsn)),
    attempt: count,
    ...{ url, status, answer, why },
    durationMs: Math.round(duration),
  }
}

function deadView(
  { number, deadAt, delivery: one, why }: Numbered<DeadLetter>,
  seal: NumberSeal,
): DeadLetterAnswer {
  return {
    id: seal.seal(number),
    webhookId: one.id,
    events: one.events.map(({ journal, lsn }) => eventId(journal, lsn)),
    attempts: one.attempts,
    firstAt: one.firstAt === null ? null : timestampOf(one.firstAt),
    deadAt: timestampOf(deadAt),
    why,
  }
}

/** `found`: one more than a page has, where there are more. */
function pageAfter<T, V>(
  found: readonly Numbered<T>[],
  limit: number,
  seal: NumberSeal,
  view: (one: Numbered<T>) => V,
) {
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = found.length > shown.length && last !== undefined
  return { items: shown.map(view), nextCursor: hasMore ? numberCursor(last.number, seal) : null }
}

function deliveryNumbers({ records }: ApiContext): NumberSeal {
  return new NumberSeal(records.keyring, 'webhook deliveries')
}

function letterNumbers({ records }: ApiContext): NumberSeal {
  return new NumberSeal(records.keyring, 'dead letters')
}

function lettersIn(ids: readonly string[], context: ApiContext): readonly number[] {
  const seal = letterNumbers(context)
  return ids.map((id) => {
    const number = seal.open(id)
    if (number !== null) return number
    const what = `"${id.slice(0, 50)}" is no dead letter: expected an id, as their list has it`
    throw new RelayError('RLY_USAGE', what)
  })
}
