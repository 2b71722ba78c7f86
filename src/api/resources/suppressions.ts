// SPDX-License-Identifier: Apache-2.0
/** `/suppressions`: whom a tenant does not send to, and why. */
import { z } from 'zod'
import { suppressionLimits } from '../../base/limits/record-limits.ts'
import {
  addSuppressions,
  changeSuppression,
  removeSuppression,
  showSuppression,
  undoSuppressions,
} from '../../records/suppressions/suppression-service.ts'
import { pointInTime } from '../http/fields.ts'
import { pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'
import { pageIn, reason, suppression, viewOf, wishOf } from './suppression-fields.ts'

const byId = z.strictObject({ id: z.string() })

const selected = {
  address: z.string().optional(),
  domain: z.string().optional(),
  stream: z.string().optional().meta({ description: 'Entries about mail of this stream alone.' }),
  list: z.string().optional().meta({ description: 'Entries about mail of this list alone.' }),
  event: z.string().optional().meta({ description: 'Entries that follow from this event.' }),
  import: z.string().optional().meta({ description: 'Entries that this import brought.' }),
  since: pointInTime.optional().meta({ description: 'Entries made then or later.' }),
}

export const list = route({
  id: 'suppressions.list',
  method: 'GET',
  path: '/suppressions',
  summary:
    'Lists entries in the order in which they were made, or `-id` the last first; all that fit everything that is given.',
  needs: 'suppressions',
  query: z.strictObject({
    ...pageQuery,
    ...selected,
    reason: reason.optional(),
    sort: sortBy(['id']),
  }),
  answer: pageOf(suppression),
  run: async ({ scope, query }, { records }) => {
    const { cursor, limit, reason: only, sort, ...rest } = query
    const wish = wishOf({ ...rest, reasons: only === undefined ? undefined : [only] })
    const order = sort === 'id' ? 'oldest' : 'newest'
    const { items, nextCursor } = await pageIn(records, scope, wish, { cursor, limit, order })
    return { items: items.map(viewOf), nextCursor }
  },
})

export const show = route({
  id: 'suppressions.show',
  method: 'GET',
  path: '/suppressions/{id}',
  summary: 'Shows an entry.',
  needs: 'suppressions',
  params: byId,
  answer: suppression,
  run: async ({ scope, params }, { records }) =>
    viewOf(await showSuppression(records.store, scope, params.id)),
})

const newEntry = z.strictObject({
  address: z.string(),
  reason: reason.default('manual'),
  stream: z.string().nullable().default(null).meta({ description: 'Only mail of this stream.' }),
  list: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'Only mail of this list: its List-Id (RFC 2919).' }),
  note: z.string().default(''),
  expiresAt: pointInTime.nullable().default(null).meta({ description: 'Then it counts no more.' }),
  keepAddress: z.boolean().default(true).meta({
    description: 'false: only a hash is kept. The entry works, and shows no address.',
  }),
})

export const add = route({
  id: 'suppressions.add',
  method: 'POST',
  isKeptInAudit: false,
  path: '/suppressions',
  summary:
    'Adds entries, all or none. With the reason "allow" an entry outweighs bounces and complaints, never what a person said.',
  needs: 'suppressions',
  bodyOctets: 2 * suppressionLimits.partOctets,
  body: z.strictObject({ entries: z.array(newEntry).min(1).max(suppressionLimits.addTogether) }),
  answer: z.object({
    added: z.int(),
    known: z.int().meta({ description: 'The same was there already.' }),
  }),
  status: 201,
  run: ({ scope, body }, { records }) =>
    addSuppressions(
      records,
      scope,
      body.entries.map(({ keepAddress, ...entry }) => ({
        ...entry,
        createdAt: null,
        sourceEvent: null,
        keepsAddress: keepAddress,
      })),
    ),
})

export const change = route({
  id: 'suppressions.change',
  method: 'PATCH',
  isKeptInAudit: false,
  path: '/suppressions/{id}',
  summary: 'Changes the note of an entry, and when it counts no more. What is not given stays.',
  needs: 'suppressions',
  params: byId,
  body: z.strictObject({
    note: z.string().optional(),
    expiresAt: pointInTime.nullable().optional().meta({ description: 'null: never.' }),
  }),
  answer: suppression,
  run: async ({ scope, params, body }, { records }) =>
    viewOf(await changeSuppression(records, scope, params.id, body)),
})

export const remove = route({
  id: 'suppressions.remove',
  method: 'DELETE',
  isKeptInAudit: false,
  path: '/suppressions/{id}',
  summary: 'Removes an entry.',
  needs: 'suppressions',
  params: byId,
  answer: suppression,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeSuppression(records, scope, params.id)),
})

export const undo = route({
  id: 'suppressions.undo',
  method: 'POST',
  isKeptInAudit: false,
  path: '/suppressions/undo',
  summary:
    'Removes what one mistake brought: by address, event or import, or since a time; then only bounces and complaints, unless reasons are named.',
  needs: 'suppressions',
  body: z.strictObject({
    ...selected,
    reasons: z.array(reason).min(1).optional(),
    dryRun: z.boolean().default(false).meta({ description: 'Only says how many it would be.' }),
  }),
  answer: z.object({ removed: z.int(), dryRun: z.boolean() }),
  run: async ({ scope, body: { dryRun, ...wish } }, { records }) => ({
    removed: await undoSuppressions(records, scope, wishOf(wish), dryRun),
    dryRun,
  }),
})
