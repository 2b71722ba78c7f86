// SPDX-License-Identifier: Apache-2.0
/** Opens what one process stands on: its lock, journal, store and keys. The only file that knows which implementations these are. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, SystemClock } from '../base/clock.ts'
import type { Keyring } from '../base/keyring.ts'
import type { Log } from '../base/log.ts'
import { type Random, SystemRandom } from '../base/random.ts'
import { journalId } from '../events/ids.ts'
import { openJournal } from '../platform/journal/journal.ts'
import { openSqliteStore } from '../platform/sqlite/sqlite-store.ts'
import type { Store } from '../records/store.ts'
import type { EventLog } from '../spool/event-log.ts'
import type { Spool } from '../spool/spool.ts'
import type { Config } from './config/config.ts'
import { journalFolder, storeFile } from './data-files.ts'
import { readKeyFile } from './key-file.ts'

export interface Platform extends AsyncDisposable {
  readonly clock: Clock
  readonly random: Random
  readonly keyring: Keyring
  readonly store: Store
  /** Also the event log: one journal, written by outcomes, read by cursor. */
  readonly spool: Spool & EventLog
}

/** The one journal of a relay that is one process. */
const ONLY_JOURNAL = journalId(1)

/** Throws `RLY_DATA_DIR_*`, `RLY_KEY_FILE`. */
export async function openPlatform(config: Config, log: Log): Promise<Platform> {
  const clock = new SystemClock()
  const random = new SystemRandom()
  const keyring = readKeyFile(config.keyFile)
  const folder = journalFolder(config.dataDir, ONLY_JOURNAL)
  mkdirSync(join(folder), { recursive: true, mode: 0o700 })
  const spool = await openJournal({
    folder,
    journal: ONLY_JOURNAL,
    node: config.nodeName,
    clock,
    random,
    log,
    retention: { failed: config.spool.retentionFailed, events: config.spool.retentionEvents },
    limits: { lowWaterOctets: config.spool.lowWater, cacheOctets: config.spool.memory },
  })
  const store = await openSqliteStore(storeFile(config.dataDir))
  return {
    clock,
    random,
    keyring,
    store,
    spool,
    async [Symbol.asyncDispose]() {
      await spool[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}
