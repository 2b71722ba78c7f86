// SPDX-License-Identifier: Apache-2.0
/** Tables made into a `Store`. A transaction within a transaction is part of it. */
import type { Kysely } from 'kysely'
import type { Store } from '../../records/store.ts'
import { recordTables } from './record-tables.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

export interface SqlDatabase {
  readonly kysely: Kysely<Tables>
  readonly writes: Writes
  version(): Promise<number>
  /** One at a time: nobody else writes meanwhile. */
  transaction<T>(work: (inner: Kysely<Tables>) => Promise<T>): Promise<T>
}

export function sqlStore({ kysely, writes, version, transaction }: SqlDatabase): Store {
  return {
    ...recordTables(kysely, writes),
    version,
    transaction: (work) => transaction((inner) => work(storeWithin(inner))),
    [Symbol.asyncDispose]: () => kysely.destroy(),
  }

  function storeWithin(inner: Kysely<Tables>): Store {
    const store: Store = {
      ...recordTables(inner, writes),
      version,
      transaction: (work) => work(store),
      [Symbol.asyncDispose]: async () => {},
    }
    return store
  }
}
