// SPDX-License-Identifier: Apache-2.0
/** Lessons over their table. Written often and read at a start: they are no change of the records. */
import type { Kysely } from 'kysely'
import type { Store } from '../../records/store.ts'
import type { Tables } from './tables.ts'

/** In one statement: databases bound how many values one may have. */
const TOGETHER = 500

export function lessons(db: Kysely<Tables>): Store['lessons'] {
  return {
    list: () => db.selectFrom('lessons').selectAll().orderBy('key').execute(),
    put: async (kept) => {
      for (const part of inParts(kept))
        await db
          .insertInto('lessons')
          .values([...part])
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet(({ ref }) => ({ text: ref('excluded.text') })),
          )
          .execute()
    },
    remove: async (keys) => {
      for (const part of inParts(keys))
        await db.deleteFrom('lessons').where('key', 'in', part).execute()
    },
  }
}

function inParts<T>(list: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / TOGETHER)
  return Array.from({ length: count }, (_, at) => list.slice(at * TOGETHER, (at + 1) * TOGETHER))
}
