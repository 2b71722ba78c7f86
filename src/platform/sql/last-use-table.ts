// SPDX-License-Identifier: Apache-2.0
/** Last uses over their table. Written every few minutes: they are no change of the records. */
import type { Kysely } from 'kysely'
import type { LastUse, LastUseRecords } from '../../records/credentials/last-use.ts'
import type { Tables } from './tables.ts'

export function lastUses(db: Kysely<Tables>): LastUseRecords {
  return {
    list: () => db.selectFrom('lastUses').selectAll().orderBy('id').execute(),
    put: async (uses) => {
      for (const use of uses) await putOne(db, use)
    },
    remove: async (id) => {
      await db.deleteFrom('lastUses').where('id', '=', id).execute()
    },
  }
}

async function putOne(db: Kysely<Tables>, use: LastUse): Promise<void> {
  await db
    .insertInto('lastUses')
    .values(use)
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ at: use.at, address: use.address })
        .where('lastUses.at', '<=', use.at),
    )
    .execute()
}
