// SPDX-License-Identifier: Apache-2.0
/** Tables made into a `Store`. A transaction within a transaction is part of it. */
import { type Kysely, sql } from 'kysely'
import type { Store } from '../../records/store.ts'
import { recordTables } from './record-tables.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

export interface SqlDatabase {
  readonly kysely: Kysely<Tables>
  readonly writes: Writes
  /** One at a time: nobody else writes meanwhile. */
  transaction<T>(work: (inner: Kysely<Tables>) => Promise<T>): Promise<T>
}

export function sqlStore({ kysely, writes, transaction }: SqlDatabase): Store {
  return {
    ...recordTables(kysely, writes),
    version: () => changesIn(kysely),
    transaction: (work) => transaction((inner) => work(storeWithin(inner))),
    [Symbol.asyncDispose]: () => kysely.destroy(),
  }

  function storeWithin(inner: Kysely<Tables>): Store {
    const store: Store = {
      ...recordTables(inner, writes),
      version: () => changesIn(inner),
      transaction: (work) => work(store),
      [Symbol.asyncDispose]: async () => {},
    }
    return store
  }
}

/** Triggers count them; what is written often has none. */
async function changesIn(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count from change_count`.execute(db)
  return rows[0]?.count ?? 0
}
