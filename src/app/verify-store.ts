// SPDX-License-Identifier: Apache-2.0
/** Looks through the records, in their file or in PostgreSQL, and whether the key file opens every signing key. Changes nothing. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { messageOf, RelayError } from '../base/errors.ts'
import { Findings, type Problem } from '../platform/journal/verify-findings.ts'
import { openPostgresStoreAsItIs } from '../platform/postgres/postgres-store.ts'
import { brokenBy, copySqlite } from '../platform/sqlite/checked-copy.ts'
import { openSqliteStore } from '../platform/sqlite/sqlite-store.ts'
import { openSigningKey } from '../records/domains/signing-keys.ts'
import type { Config } from './config/config.ts'
import { storeFile } from './data-files.ts'
import { readKeyFile } from './key-file.ts'
import { postgresOptions } from './postgres-options.ts'

export interface StoreFacts {
  readonly signingKeys: number
  readonly problems: readonly Problem[]
  /** Also those that `problems` has no room for. */
  readonly problemCount: number
}

/** Throws `RLY_DATA_DIR_NEWER`. */
export async function verifyStore(config: Config): Promise<StoreFacts> {
  const findings = new Findings()
  const scratch = mkdtempSync(join(tmpdir(), 'posthaste-verify-'))
  let signingKeys = 0
  try {
    signingKeys = await lookAtStore(config, join(scratch, 'store.sqlite'), (what, file) =>
      findings.add('store', file === undefined ? storeName(config) : basename(file), what),
    )
  } finally {
    rmSync(scratch, { recursive: true })
  }
  return { signingKeys, problems: findings.named, problemCount: findings.count }
}

/** Leaves a copy to look at where it is whole. */
function brokenFile(config: Config, copy: string): string | null {
  return copySqlite(storeFile(config.dataDir), copy) ? brokenBy(copy) : 'is missing'
}

type Say = (what: string, file?: string) => void

/** Returns how many signing keys there are. */
async function lookAtStore(config: Config, copy: string, say: Say): Promise<number> {
  const postgres = postgresOptions(config)
  const broken = postgres === null ? brokenFile(config, copy) : null
  if (broken !== null) {
    say(broken)
    return 0
  }
  try {
    await using store = await (postgres === null
      ? openSqliteStore(copy)
      : openPostgresStoreAsItIs(postgres))
    const keys = await store.signingKeys.list()
    const keyring = readKeyFile(config.keyFile)
    for (const key of keys)
      try {
        openSigningKey(keyring, key)
      } catch (thrown) {
        // Sealed by another key file, or no key at all.
        say(`key ${key.selector} of ${key.domain} does not open: ${messageOf(thrown)}`)
      }
    return keys.length
  } catch (thrown) {
    if (thrown instanceof RelayError && thrown.code === 'RLY_DATA_DIR_NEWER') throw thrown
    // The key file, or tables that are not ours.
    const isKeyFile = thrown instanceof RelayError && thrown.code === 'RLY_KEY_FILE'
    say(messageOf(thrown), isKeyFile ? config.keyFile : undefined)
    return 0
  }
}

function storeName({ dataDir, store }: Config): string {
  return store.postgres === null ? basename(storeFile(dataDir)) : `schema ${store.schema}`
}
