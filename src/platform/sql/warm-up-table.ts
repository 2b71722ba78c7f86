// SPDX-License-Identifier: Apache-2.0
/** Warm-ups over their table. */
import type { Kysely } from 'kysely'
import type { WarmUpRecords } from '../../records/warm-up.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

export function warmUps(db: Kysely<Tables>, writes: Writes): WarmUpRecords {
  return {
    list: () =>
      db.selectFrom('warmUps').selectAll().orderBy('source').orderBy('provider').execute(),
    allowances: () =>
      db
        .selectFrom('warmUps')
        .select(['source', 'provider', 'state', 'allowance', 'startedAt'])
        .orderBy('source')
        .orderBy('provider')
        .execute(),
    put: (record) =>
      writes.put(`warm-up of ${record.source} at ${record.provider}`, () =>
        db
          .insertInto('warmUps')
          .values(record)
          .onConflict((conflict) => conflict.columns(['source', 'provider']).doUpdateSet(record))
          .execute(),
      ),
    remove: (source, provider) =>
      writes.remove(`warm-up of ${source} at ${provider} is still in use`, () =>
        db
          .deleteFrom('warmUps')
          .where('source', '=', source)
          .where('provider', '=', provider)
          .executeTakeFirst(),
      ),
  }
}
