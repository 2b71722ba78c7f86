// SPDX-License-Identifier: Apache-2.0
/** Looks through the file of records, and whether the key file opens every signing key. Changes nothing. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { messageOf, RelayError } from '../base/errors.ts'
import { Findings, type Problem } from '../platform/journal/verify-findings.ts'
import { brokenBy, copySqlite } from '../platform/sqlite/checked-copy.ts'
import { openSqliteStore } from '../platform/sqlite/sqlite-store.ts'
import { openSigningKey } from '../records/signing-keys.ts'
import type { Config } from './config/config.ts'
import { storeFile } from './data-files.ts'
import { readKeyFile } from './key-file.ts'

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
      findings.add('store', basename(file ?? storeFile(config.dataDir)), what),
    )
  } finally {
    rmSync(scratch, { recursive: true })
  }
  return { signingKeys, problems: findings.named, problemCount: findings.count }
}

type Say = (what: string, file?: string) => void

/** Returns how many signing keys there are. */
async function lookAtStore(config: Config, copy: string, say: Say): Promise<number> {
  if (!copySqlite(storeFile(config.dataDir), copy)) {
    say('is missing')
    return 0
  }
  const broken = brokenBy(copy)
  if (broken !== null) {
    say(broken)
    return 0
  }
  try {
    await using store = await openSqliteStore(copy)
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
