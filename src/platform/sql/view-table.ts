// SPDX-License-Identifier: Apache-2.0
/** How far views of events have read, over its table. */
import type { Kysely } from 'kysely'
import type { Store } from '../../records/store.ts'
import type { Tables } from './tables.ts'

export function views(db: Kysely<Tables>): Store['views'] {
  return {
    cursor: async (name) => {
      const row = await db
        .selectFrom('views')
        .select('cursor')
        .where('name', '=', name)
        .executeTakeFirst()
      return row?.cursor ?? null
    },
    put: async (name, cursor) => {
      await db
        .insertInto('views')
        .values({ name, cursor })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ cursor }))
        .execute()
    },
  }
}
