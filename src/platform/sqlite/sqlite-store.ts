// SPDX-License-Identifier: Apache-2.0
/**
 * Records in one SQLite file, shared by the relay and the commands that run beside it: WAL, so that readers and the one
 * writer do not wait for each other.
 *
 * Known limits: statements run on the calling thread (tens of microseconds each); a writer waits up to five
 * seconds for another process.
 */
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CamelCasePlugin, Kysely } from 'kysely'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import type { Store } from '../../records/store.ts'
import { sqlStore } from '../sql/sql-store.ts'
import type { Tables } from '../sql/tables.ts'
import { Writes } from '../sql/writes.ts'
import { brokenRule } from './broken-rule.ts'
import { NodeSqliteDialect } from './dialect.ts'
import { migrate } from './migrate.ts'

const BUSY_TIMEOUT_MS = 5_000

/** Makes the file (0600) where it is not there yet. Throws `RLY_DATA_DIR_MISSING`, `RLY_DATA_DIR_NEWER`, `RLY_STORE_FAILED`. */
export async function openSqliteStore(file: string): Promise<Store> {
  const database = openDatabase(file)
  const kysely = new Kysely<Tables>({
    dialect: new NodeSqliteDialect(database),
    plugins: [new CamelCasePlugin()],
  })
  return sqlStore({
    kysely,
    writes: new Writes(brokenRule),
    transaction: (work) => kysely.transaction().execute(work),
  })
}

function openDatabase(file: string): DatabaseSync {
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch (thrown) {
    // The folder is missing, closed to us, or on a disk that takes no writes.
    if (systemCode(thrown) !== 'ENOENT') throw failed(file, thrown)
    throw new RelayError('RLY_DATA_DIR_MISSING', `the data directory ${dirname(file)} is not there`)
  }
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    migrate(database, file)
    return database
  } catch (thrown) {
    // No database, a newer one, or a disk that fails.
    database.close()
    throw thrown instanceof RelayError ? thrown : failed(file, thrown)
  }
}

function failed(file: string, thrown: unknown): RelayError {
  return new RelayError('RLY_STORE_FAILED', `the records in ${file}: ${messageOf(thrown)}`, {
    cause: thrown,
  })
}
