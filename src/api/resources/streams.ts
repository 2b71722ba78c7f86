// SPDX-License-Identifier: Apache-2.0
/** `/streams`: a tenant's kinds of mail. */
import { z } from 'zod'
import type { Stream } from '../../records/records.ts'
import { addStream, listStreams, removeStream, showStream } from '../../records/stream-service.ts'
import { durationMs, timestamp, timestampOf } from '../http/fields.ts'
import { paged, pageOf, pageQuery } from '../http/page.ts'
import { route } from '../http/route.ts'

const kind = z.enum(['transactional', 'bulk'])

const stream = z.object({
  tenant: z.string(),
  name: z.string(),
  kind,
  priority: z.int(),
  pool: z.string(),
  retryAfterMs: z.array(z.int()),
  expiresAfterMs: z.int(),
  mayShareTransaction: z.boolean(),
  isDefault: z.boolean(),
  createdAt: timestamp,
})

const byName = z.strictObject({ name: z.string() })

export const list = route({
  id: 'streams.list',
  method: 'GET',
  path: '/streams',
  summary: 'Lists streams.',
  needs: 'read',
  query: z.strictObject(pageQuery),
  answer: pageOf(stream),
  run: async ({ scope, query }, { records }) =>
    paged(
      (await listStreams(records.store, scope)).map(viewOf),
      ({ tenant, name }) => `${tenant}/${name}`,
      query,
    ),
})

export const show = route({
  id: 'streams.show',
  method: 'GET',
  path: '/streams/{name}',
  summary: 'Shows a stream.',
  needs: 'read',
  params: byName,
  answer: stream,
  run: async ({ scope, params }, { records }) =>
    viewOf(await showStream(records.store, scope, params.name)),
})

export const add = route({
  id: 'streams.add',
  method: 'POST',
  path: '/streams',
  summary: 'Adds a stream. What is not given is taken from its kind and the configuration.',
  needs: 'admin',
  body: z.strictObject({
    name: z.string(),
    kind,
    priority: z.int().nullable().default(null).meta({ description: '0 goes first, 9 last.' }),
    retryAfterMs: z
      .array(durationMs)
      .nullable()
      .default(null)
      .meta({ description: 'Waits between attempts; the last one repeats.' }),
    expiresAfterMs: durationMs.nullable().default(null),
    mayShareTransaction: z.boolean().default(false),
    isDefault: z.boolean().default(false),
  }),
  answer: stream,
  status: 201,
  run: async ({ scope, body }, { records, retry }) =>
    viewOf(
      await addStream(records, scope, {
        ...body,
        retryAfter: body.retryAfterMs,
        expiresAfter: body.expiresAfterMs,
        retry: retry(),
      }),
    ),
})

export const remove = route({
  id: 'streams.remove',
  method: 'DELETE',
  path: '/streams/{name}',
  summary: 'Removes a stream that no credential uses.',
  needs: 'admin',
  params: byName,
  answer: stream,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeStream(records, scope, params.name)),
})

function viewOf(found: Stream) {
  const { kind, priority, pool, mayShareTransaction, isDefault } = found
  return {
    tenant: found.tenant as string,
    name: found.name as string,
    kind,
    priority,
    pool,
    retryAfterMs: [...found.retryAfter],
    expiresAfterMs: found.expiresAfter as number,
    mayShareTransaction,
    isDefault,
    createdAt: timestampOf(found.createdAt),
  }
}
