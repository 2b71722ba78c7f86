// SPDX-License-Identifier: Apache-2.0
/** `/keys`: with what programs use this API. */
import { z } from 'zod'
import { days } from '../../base/brand.ts'
import { timestampOf } from '../../events/event.ts'
import {
  addApiKey,
  changeApiKey,
  listApiKeys,
  removeApiKey,
  rotateApiKey,
  showApiKey,
} from '../../records/credentials/api-key-service.ts'
import { type ApiKey, keyScopes } from '../../records/records.ts'
import type { Store } from '../../records/store.ts'
import { durationMs, pointInTime, timestamp } from '../http/fields.ts'
import { inState, paged, pageOf, pageQuery, sortBy, stateAmong } from '../http/page.ts'
import { route } from '../http/route.ts'
import { type LastUseView, lastUseFields, lastUseViews, neverUsed } from './last-use-fields.ts'

const key = z.object({
  id: z.string(),
  tenant: z.string().nullable().meta({ description: 'null: a key of the installation.' }),
  label: z.string(),
  scopes: z.array(z.enum(keyScopes)),
  allowedFrom: z.array(z.string()),
  expiresAt: timestamp.nullable(),
  createdAt: timestamp,
  ...lastUseFields,
})

export type KeyAnswer = z.infer<typeof key>

const byId = z.strictObject({ id: z.string() })

export const list = route({
  id: 'keys.list',
  method: 'GET',
  path: '/keys',
  summary: 'Lists keys of the API.',
  needs: 'admin',
  query: z.strictObject({
    ...pageQuery,
    state: stateAmong(['valid', 'expired']),
    sort: sortBy(['id', 'label', 'createdAt', 'expiresAt']),
  }),
  answer: pageOf(key),
  run: async ({ scope, query }, { records }) =>
    paged(
      await viewsOf(
        records.store,
        inState(await listApiKeys(records.store, scope), query.state, ({ expiresAt }) =>
          expiresAt !== null && expiresAt <= records.clock.now() ? 'expired' : 'valid',
        ),
      ),
      ({ id }) => id,
      query,
    ),
})

export const show = route({
  id: 'keys.show',
  method: 'GET',
  path: '/keys/{id}',
  summary: 'Shows a key of the API, without its secret.',
  needs: 'admin',
  params: byId,
  answer: key,
  run: async ({ scope, params }, { records }) =>
    usedViewOf(records.store, await showApiKey(records.store, scope, params.id)),
})

export const add = route({
  id: 'keys.add',
  method: 'POST',
  path: '/keys',
  summary: 'Makes a key of the API. The secret is in this answer and nowhere else.',
  needs: 'admin',
  body: z.strictObject({
    label: z.string().max(200),
    scopes: z.array(z.enum(keyScopes)).min(1),
    allowedFrom: z
      .array(z.string())
      .max(100)
      .default([])
      .meta({ description: 'Networks, such as 192.0.2.0/24; none: from anywhere.' }),
    expiresAt: pointInTime.nullable().default(null),
    ofInstallation: z
      .boolean()
      .default(false)
      .meta({ description: 'Reaches every tenant; only a key of the installation may make one.' }),
  }),
  answer: key.extend({ secret: z.string() }),
  status: 201,
  run: async ({ scope, body }, { records }) => {
    const made = await addApiKey(records, scope, body)
    return { ...viewOf(made.key), secret: made.secret }
  },
})

export const change = route({
  id: 'keys.change',
  method: 'PATCH',
  path: '/keys/{id}',
  summary: 'Changes a key of the API; its secret stays. What is not given stays.',
  needs: 'admin',
  params: byId,
  body: z.strictObject({
    label: z.string().max(200).optional(),
    scopes: z.array(z.enum(keyScopes)).min(1).optional(),
    allowedFrom: z.array(z.string()).max(100).optional(),
    expiresAt: pointInTime.nullable().optional(),
  }),
  answer: key,
  run: async ({ scope, params, body }, { records }) =>
    usedViewOf(records.store, await changeApiKey(records, scope, params.id, body)),
})

export const rotate = route({
  id: 'keys.rotate',
  method: 'POST',
  path: '/keys/{id}/rotate',
  summary: 'Makes a new key for the same; the one before is good for some time more.',
  needs: 'admin',
  params: byId,
  body: z.strictObject({
    overlapMs: durationMs
      .refine((time) => time <= days(30), 'expected at most 30 days')
      .default(days(1))
      .meta({ description: 'How long the key before is good for; 0: no more.' }),
  }),
  answer: key.extend({ secret: z.string() }),
  status: 201,
  run: async ({ scope, params, body }, { records }) => {
    const made = await rotateApiKey(records, scope, params.id, body.overlapMs)
    return { ...viewOf(made.key), secret: made.secret }
  },
})

export const remove = route({
  id: 'keys.remove',
  method: 'DELETE',
  path: '/keys/{id}',
  summary: 'Removes a key of the API; it is good no more.',
  needs: 'admin',
  params: byId,
  answer: key,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeApiKey(records, scope, params.id)),
})

async function viewsOf(store: Store, all: readonly ApiKey[]) {
  const lastUseOf = await lastUseViews(store)
  return all.map((each) => viewOf(each, lastUseOf(each.id)))
}

async function usedViewOf(store: Store, found: ApiKey) {
  return viewOf(found, (await lastUseViews(store))(found.id))
}

function viewOf(found: ApiKey, lastUse: LastUseView = neverUsed) {
  return {
    id: found.id as string,
    tenant: found.tenant as string | null,
    label: found.label,
    scopes: [...found.scopes],
    allowedFrom: [...found.allowedFrom],
    expiresAt: found.expiresAt === null ? null : timestampOf(found.expiresAt),
    createdAt: timestampOf(found.createdAt),
    ...lastUse,
  }
}
