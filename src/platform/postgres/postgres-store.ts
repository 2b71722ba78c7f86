// SPDX-License-Identifier: Apache-2.0
/**
 * Records in a schema of a PostgreSQL database, 13 or later, shared by all processes of one installation.
 *
 * Writers stand in line: whoever changes a record takes the row of `change_count` first, and a transaction takes its
 * table, before it sees anything. So transactions see what the one before left, and none has to be run again.
 *
 * Known limit: a pooler between us and the server must pool sessions, for the schema is a setting of the session.
 */
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Store } from '../../records/store.ts'
import { sqlStore } from '../sql/sql-store.ts'
import type { Tables } from '../sql/tables.ts'
import { Writes } from '../sql/writes.ts'
import { clientConfig } from './client-config.ts'
import { connectionsTo } from './connections.ts'
import { brokenRule, failureAt } from './failure.ts'
import { checkVersion, migrate } from './migrate.ts'
import type { PostgresOptions } from './place.ts'

/** Makes the schema where it is not there yet, and migrates an older one. Throws `RLY_DATA_DIR_NEWER`, `RLY_STORE_FAILED`. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  await withClient(options, (client) => migrate(client, options.schema))
  return storeOver(options)
}

/** As `openPostgresStore`, but changes nothing: an older or missing schema is `RLY_STORE_FAILED`. */
export async function openPostgresStoreAsItIs(options: PostgresOptions): Promise<Store> {
  await withClient(options, (client) => checkVersion(client, options.schema))
  return storeOver(options)
}

function storeOver(options: PostgresOptions): Store {
  const kysely = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: connectionsTo(options) }),
    plugins: [new CamelCasePlugin()],
  })
  return sqlStore({
    kysely,
    writes: new Writes(brokenRule),
    transaction: (work) =>
      kysely
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (inner) => {
          // LOCK looks at nothing: what is seen is seen after it.
          await sql`lock table change_count in share row exclusive mode`.execute(inner)
          return await work(inner)
        }),
  })
}

/** A connection of its own, without the time-outs of daily work. */
async function withClient(
  options: PostgresOptions,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client(clientConfig(options))
  client.on('error', () => {})
  try {
    await client.connect()
    await work(client)
  } catch (thrown) {
    // Nobody answers, we are not let in, or a step fails.
    throw failureAt(options.place, thrown)
  } finally {
    await client.end()
  }
}
