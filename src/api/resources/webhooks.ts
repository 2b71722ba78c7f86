// SPDX-License-Identifier: Apache-2.0
/** `/webhooks`: where tenants are told of what happens. */
import { z } from 'zod'
import { type DurationMs, hours, ms } from '../../base/brand.ts'
import {
  addWebhook,
  changeWebhook,
  listWebhooks,
  removeWebhook,
  rotateWebhook,
  showWebhook,
} from '../../records/webhooks/webhook-service.ts'
import { durationMs } from '../http/fields.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'
import {
  byId,
  choices,
  listedStateOf,
  listedStates,
  listedWebhook,
  viewOf,
  webhook,
} from './webhook-fields.ts'

export const list = route({
  id: 'webhooks.list',
  method: 'GET',
  path: '/webhooks',
  summary: 'Lists endpoints.',
  needs: 'webhooks',
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(listedStates),
    sort: sortBy(['id', 'url', 'createdAt']),
  }),
  answer: pageOf(listedWebhook),
  run: async ({ scope, query }, { records, webhooks }) => {
    const all = (await listWebhooks(records.store, scope)).map((found) => ({
      ...viewOf(found),
      state: listedStateOf(found, webhooks),
    }))
    return paged(
      inState(all, query.state, ({ state }) => state),
      ({ id }) => id,
      query,
    )
  },
})

export const show = route({
  id: 'webhooks.show',
  method: 'GET',
  path: '/webhooks/{id}',
  summary: 'Shows an endpoint, without its secret.',
  needs: 'webhooks',
  params: byId,
  answer: webhook,
  run: async ({ scope, params }, { records }) =>
    viewOf(await showWebhook(records.store, scope, params.id)),
})

export const add = route({
  id: 'webhooks.add',
  method: 'POST',
  path: '/webhooks',
  summary:
    'Adds an endpoint, which is told of what happens from now on. The secret that signs is in this answer and nowhere else.',
  needs: 'webhooks',
  body: z.strictObject({
    url: z.string().meta({ description: 'https:// and an address of the Internet.' }),
    stream: z.string().nullable().default(null).meta({ description: 'Only events of it.' }),
    ...choices,
  }),
  answer: webhook.extend({ secret: z.string() }),
  status: 201,
  run: async ({ scope, body }, { records, mayWebhooksBeClear }) => {
    const made = await addWebhook(records, scope, withWait(body), mayWebhooksBeClear())
    return { ...viewOf(made.webhook), secret: made.secret }
  },
})

export const change = route({
  id: 'webhooks.change',
  method: 'PATCH',
  path: '/webhooks/{id}',
  summary: 'Changes an endpoint. What is not given stays.',
  needs: 'webhooks',
  params: byId,
  body: z.strictObject({ url: z.string().nullable().default(null), ...choices }),
  answer: webhook,
  run: async ({ scope, params, body }, { records, mayWebhooksBeClear }) =>
    viewOf(await changeWebhook(records, scope, params.id, withWait(body), mayWebhooksBeClear())),
})

export const rotate = route({
  id: 'webhooks.rotate',
  method: 'POST',
  path: '/webhooks/{id}/rotate',
  summary:
    'Makes another secret. The one before signs too for a while: each request then has both signatures.',
  needs: 'webhooks',
  params: byId,
  body: z.strictObject({
    overlapMs: durationMs
      .default(hours(24))
      .meta({ description: 'How long the old secret still signs; 0: not at all.' }),
  }),
  answer: webhook.extend({ secret: z.string() }),
  status: 201,
  run: async ({ scope, params, body }, { records }) => {
    const made = await rotateWebhook(records, scope, params.id, body.overlapMs)
    return { ...viewOf(made.webhook), secret: made.secret }
  },
})

export const remove = route({
  id: 'webhooks.remove',
  method: 'DELETE',
  path: '/webhooks/{id}',
  summary: 'Removes an endpoint. It is told nothing more.',
  needs: 'webhooks',
  params: byId,
  answer: webhook,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeWebhook(records, scope, params.id)),
})

function withWait<T extends { readonly batchWaitMs: number | null }>(body: T) {
  const batchWait: DurationMs | null = body.batchWaitMs === null ? null : ms(body.batchWaitMs)
  return { ...body, batchWait }
}
