// SPDX-License-Identifier: Apache-2.0
/** The audit log over its table. */
import type { Kysely } from 'kysely'
import type { AuditRecords } from '../../records/audit.ts'
import type { Tables } from './tables.ts'

export function audit(db: Kysely<Tables>): AuditRecords {
  return {
    add: async (entry) => {
      await db.insertInto('audit').values(entry).execute()
    },
    list: ({ action, actor, scope, since }, { after, limit, order }) => {
      const [direction, beyond] =
        order === 'newest' ? (['desc', '<'] as const) : (['asc', '>'] as const)
      let query = db.selectFrom('audit').selectAll().orderBy('id', direction).limit(limit)
      if (scope.kind === 'tenant') query = query.where('tenant', '=', scope.tenant)
      if (actor !== null) query = query.where('actor', '=', actor)
      if (action !== null) query = query.where('action', '=', action)
      if (since !== null) query = query.where('at', '>=', since)
      if (after !== null) query = query.where('id', beyond, after)
      return query.execute()
    },
    removeOlder: async (than, limit) => {
      const { numDeletedRows } = await db
        .deleteFrom('audit')
        .where('id', 'in', (old) =>
          old.selectFrom('audit').select('id').where('at', '<', than).orderBy('at').limit(limit),
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
