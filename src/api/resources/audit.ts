// SPDX-License-Identifier: Apache-2.0
/** `/audit`: who changed what. For owners. */
import { z } from 'zod'
import { NumberSeal } from '../../base/number-seal.ts'
import { timestampOf } from '../../events/event.ts'
import { type AuditEntry, actorKinds } from '../../records/audit.ts'
import { pointInTime, timestamp } from '../http/fields.ts'
import { numberAfter, numberCursor, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'

const entry = z.object({
  id: z.string(),
  at: timestamp,
  tenant: z
    .string()
    .nullable()
    .meta({ description: "null: the installation's, or those of several." }),
  actor: z.object({
    kind: z.enum(actorKinds).meta({
      description:
        'local: the command line on the relay’s host. nobody: who has not logged in yet.',
    }),
    id: z.string(),
    name: z.string().meta({ description: 'As they were called then.' }),
    address: z.string(),
  }),
  action: z.string().meta({ description: 'Id of an operation of this API, such as domains.add.' }),
  target: z.string(),
  before: z.unknown().meta({ description: 'The record as it was shown; null: none, or not kept.' }),
  after: z.unknown(),
})

export type AuditAnswer = z.infer<typeof entry>

export const list = route({
  id: 'audit.list',
  method: 'GET',
  path: '/audit',
  summary: 'Lists what was changed by whom, the newest first unless sorted by `at`.',
  needs: 'admin',
  query: z.strictObject({
    ...pageQuery,
    actor: z.string().max(100).optional().meta({ description: 'Id of a person or key.' }),
    action: z.string().max(100).optional(),
    since: pointInTime.optional(),
    sort: sortBy(['at'], '-at'),
  }),
  answer: pageOf(entry),
  run: async ({ scope, query }, { records }) => {
    const { action = null, actor = null, cursor, limit, since = null, sort } = query
    const seal = new NumberSeal(records.keyring, 'audit')
    const after = numberAfter(cursor, seal)
    const found = await records.store.audit.list(
      { scope, actor, action, since },
      { order: sort === 'at' ? 'oldest' : 'newest', after, limit: limit + 1 },
    )
    const items = found.slice(0, limit)
    const last = items.at(-1)
    const hasMore = found.length > limit && last !== undefined
    return {
      items: items.map((one) => viewOf(one, seal)),
      nextCursor: hasMore ? numberCursor(last.id, seal) : null,
    }
  },
})

function viewOf(found: AuditEntry, seal: NumberSeal) {
  const { action, actor, actorKind, actorName, address, after, at, before, id, target, tenant } =
    found
  return {
    id: seal.seal(id),
    at: timestampOf(at),
    tenant: tenant as string | null,
    actor: { kind: actorKind, id: actor, name: actorName, address },
    action,
    target,
    before: before === null ? null : (JSON.parse(before) as unknown),
    after: after === null ? null : (JSON.parse(after) as unknown),
  }
}
