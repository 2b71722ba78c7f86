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
    list: ({ action, actor, olderThan, scope, since }, limit) => {
      let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
      if (scope.kind === 'tenant') query = query.where('tenant', '=', scope.tenant)
      if (actor !== null) query = query.where('actor', '=', actor)
      if (action !== null) query = query.where('action', '=', action)
      if (since !== null) query = query.where('at', '>=', since)
      if (olderThan !== null) query = query.where('id', '<', olderThan)
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
