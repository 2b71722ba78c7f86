// SPDX-License-Identifier: Apache-2.0
/** First answers over their table. Written for each request that brings a key, and read by nobody else: they are no change of the records. */
import type { Kysely } from 'kysely'
import type { FirstAnswerRecords } from '../../records/first-answer.ts'
import type { Tables } from './tables.ts'

export function firstAnswers(db: Kysely<Tables>): FirstAnswerRecords {
  return {
    begin: async (begun, oldest) => {
      const { key, owner } = begun
      const before = await db
        .selectFrom('firstAnswers')
        .selectAll()
        .where('owner', '=', owner)
        .where('key', '=', key)
        .executeTakeFirst()
      if (before !== undefined && before.createdAt >= oldest) return before
      await db
        .insertInto('firstAnswers')
        .values(begun)
        .onConflict((conflict) => conflict.columns(['owner', 'key']).doUpdateSet(begun))
        .execute()
      return null
    },
    abandon: async (begunBy) => {
      const { numUpdatedRows } = await db
        .updateTable('firstAnswers')
        .set({ begunBy: '' })
        .where('begunBy', 'in', begunBy)
        .where('sealedAnswer', 'is', null)
        .executeTakeFirst()
      return Number(numUpdatedRows)
    },
    takeOver: async (owner, key, begunBy) => {
      await db
        .updateTable('firstAnswers')
        .set({ begunBy })
        .where('owner', '=', owner)
        .where('key', '=', key)
        .execute()
    },
    finish: async (owner, key, sealedAnswer) => {
      await db
        .updateTable('firstAnswers')
        .set({ sealedAnswer })
        .where('owner', '=', owner)
        .where('key', '=', key)
        .execute()
    },
    forget: async (owner, key) => {
      await db
        .deleteFrom('firstAnswers')
        .where('owner', '=', owner)
        .where('key', '=', key)
        .execute()
    },
    removeOlder: async (than) => {
      const { numDeletedRows } = await db
        .deleteFrom('firstAnswers')
        .where('createdAt', '<', than)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    count: async () => {
      const { count } = await db
        .selectFrom('firstAnswers')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
  }
}
