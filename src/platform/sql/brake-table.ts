// SPDX-License-Identifier: Apache-2.0
/** Brakes over their table. */
import type { Kysely } from 'kysely'
import type { Store } from '../../records/store.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

export function brakes(db: Kysely<Tables>, writes: Writes): Store['brakes'] {
  return {
    list: () => db.selectFrom('brakes').selectAll().orderBy('name').execute(),
    put: (brake) =>
      writes.put(`brake ${brake.name}`, () =>
        db
          .insertInto('brakes')
          .values(brake)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(brake))
          .execute(),
      ),
    remove: (name) =>
      writes.remove(`brake ${name} is still in use`, () =>
        db.deleteFrom('brakes').where('name', '=', name).executeTakeFirst(),
      ),
  }
}
