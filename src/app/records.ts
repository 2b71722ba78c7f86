// SPDX-License-Identifier: Apache-2.0
/** Opens the records of an installation, without the journal: for commands that run beside the relay. */
import { existsSync } from 'node:fs'
import { SystemClock } from '../base/clock.ts'
import { RelayError } from '../base/errors.ts'
import { SystemRandom } from '../base/random.ts'
import { openSqliteStore } from '../platform/sqlite/sqlite-store.ts'
import type { RecordsContext } from '../records/records-context.ts'
import type { Store } from '../records/store.ts'
import type { Config } from './config/config.ts'
import { storeFile } from './data-files.ts'
import { readKeyFile } from './key-file.ts'
import { postgresOptions } from './postgres-options.ts'

export interface OpenRecords extends RecordsContext, AsyncDisposable {}

/** Throws `RLY_DATA_DIR_MISSING`, `RLY_DATA_DIR_NEWER`, `RLY_KEY_FILE`, `RLY_STORE_FAILED`. */
export async function openRecords(config: Config): Promise<OpenRecords> {
  if (!existsSync(config.dataDir))
    throw new RelayError(
      'RLY_DATA_DIR_MISSING',
      `the data directory ${config.dataDir} is not there (data_dir in ${config.file})`,
    )
  const keyring = readKeyFile(config.keyFile)
  const store = await openStore(config)
  return {
    store,
    keyring,
    clock: new SystemClock(),
    random: new SystemRandom(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

async function openStore(config: Config): Promise<Store> {
  const postgres = postgresOptions(config)
  if (postgres === null) return await openSqliteStore(storeFile(config.dataDir))
  // The driver takes time to load, and most do without it.
  const { openPostgresStore } = await import('../platform/postgres/postgres-store.ts')
  return await openPostgresStore(postgres)
}
