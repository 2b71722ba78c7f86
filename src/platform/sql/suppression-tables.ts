// SPDX-License-Identifier: Apache-2.0
/** Suppressions over their tables. */
import type { ExpressionBuilder, Kysely, Transaction } from 'kysely'
import type { NewSuppression, SuppressionId } from '../../records/suppressions/suppression.ts'
import type {
  AddedCounts,
  SuppressionRecords,
} from '../../records/suppressions/suppression-records.ts'
import { counts, fits, rowOf, suppressionOf } from './suppression-rows.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

type Database = Kysely<Tables> | Transaction<Tables>

/** What makes an entry the same as another. */
const KEY = ['tenant', 'addressHash', 'scopeKind', 'scopeName', 'reason'] as const

export function suppressions(db: Database, writes: Writes): SuppressionRecords {
  return {
    of: async (tenant, addressHash) => {
      const rows = await db
        .selectFrom('suppressions')
        .selectAll()
        .where((row) =>
          row.and([fits(row, { addressHash, ...(tenant !== null && { tenant }) }), counts(row)]),
        )
        .execute()
      // SQLite would rather read all of the tenant than sort these few.
      return rows.map(suppressionOf).sort((one, other) => one.id - other.id)
    },
    add: (entries) => add(db, writes, entries),
    list: async (selection, { after, limit, order }) => {
      const [direction, beyond] =
        order === 'oldest' ? (['asc', '>'] as const) : (['desc', '<'] as const)
      let query = db
        .selectFrom('suppressions')
        .selectAll()
        .where((row) => row.and([fits(row, selection), counts(row)]))
        .orderBy('id', direction)
        .limit(limit)
      if (after !== null) query = query.where('id', beyond, after)
      return (await query.execute()).map(suppressionOf)
    },
    change: async (id, changed) => {
      const { numUpdatedRows } = await db
        .updateTable('suppressions')
        .set(changed)
        .where('id', '=', id)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    remove: async (selection, limit) => {
      const { numDeletedRows } = await db
        .deleteFrom('suppressions')
        .where('id', 'in', (within) =>
          within
            .selectFrom('suppressions')
            .select('id')
            .where((row) => fits(row, selection))
            .orderBy('id')
            .limit(limit),
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    count: async (selection) => {
      const { count } = await db
        .selectFrom('suppressions')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where((row) => row.and([fits(row, selection), counts(row)]))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    size: async () => {
      const { first, last } = await db
        .selectFrom('suppressions')
        .select(({ fn }) => [fn.min('id').as('first'), fn.max('id').as('last')])
        .executeTakeFirstOrThrow()
      return first === null || last === null ? 0 : Number(last) - Number(first) + 1
    },
    hashesAfter: async (after, limit) => {
      const rows = await db
        .selectFrom('suppressions')
        .select(['id', 'addressHash'])
        .where('id', '>', after ?? START)
        .orderBy('id')
        .limit(limit)
        .execute()
      return { hashes: rows.map(({ addressHash }) => addressHash), last: rows.at(-1)?.id ?? after }
    },
    imports: {
      list: () => db.selectFrom('suppressionImports').selectAll().orderBy('id').execute(),
      put: (imported) =>
        writes.put(`import ${imported.id}`, () =>
          db
            .insertInto('suppressionImports')
            .values(imported)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(imported))
            .execute(),
        ),
      remove: (id) =>
        writes.remove(`import ${id} is still in use`, () =>
          db.deleteFrom('suppressionImports').where('id', '=', id).executeTakeFirst(),
        ),
    },
  }
}

/** Before all ids. */
const START = 0 as SuppressionId

/** First what is new; then, where something was there, what lasts longer than that. Repeating it does no harm. */
async function add(
  db: Database,
  writes: Writes,
  entries: readonly NewSuppression[],
): Promise<AddedCounts> {
  if (entries.length === 0) return { added: 0, known: 0 }
  const values = entries.map(rowOf)
  let added = 0
  await writes.put('a suppression', async () => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('suppressions')
      .values(values)
      .onConflict((conflict) => conflict.columns([...KEY]).doNothing())
      .executeTakeFirst()
    added = Number(numInsertedOrUpdatedRows ?? 0)
    if (added < values.length) await extend(db, values)
  })
  return { added, known: values.length - added }
}

async function extend(db: Database, values: readonly ReturnType<typeof rowOf>[]): Promise<void> {
  await db
    .insertInto('suppressions')
    .values([...values])
    .onConflict((conflict) =>
      conflict
        .columns([...KEY])
        .doUpdateSet((row) => ({
          address: row.ref('excluded.address'),
          sourceEvent: row.ref('excluded.sourceEvent'),
          importId: row.ref('excluded.importId'),
          note: row.ref('excluded.note'),
          createdAt: row.ref('excluded.createdAt'),
          expiresAt: row.ref('excluded.expiresAt'),
        }))
        .where((row) => row.or([lastsLonger(row), isOfNoImport(row)])),
    )
    .execute()
}

// biome-ignore lint/suspicious/noExplicitAny: kysely has no name for the row of a conflict.
type Conflict = ExpressionBuilder<any, any>

function lastsLonger(row: Conflict) {
  return row.and([
    row('suppressions.expiresAt', 'is not', null),
    row.or([
      row('excluded.expiresAt', 'is', null),
      row('excluded.expiresAt', '>', row.ref('suppressions.expiresAt')),
    ]),
  ])
}

/** What is there is of an import that never ended. */
function isOfNoImport(row: Conflict) {
  const finished = row
    .selectFrom('suppressionImports')
    .select('suppressionImports.id')
    .where('suppressionImports.finishedAt', 'is not', null)
  return row.and([
    row('suppressions.importId', 'is not', null),
    row('suppressions.importId', 'not in', finished),
  ])
}
