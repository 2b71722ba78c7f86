// SPDX-License-Identifier: Apache-2.0
/** Opens what one process stands on: its lock, journal, store and keys. The only file that knows which implementations these are. */
import { mkdirSync } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import type { Keyring } from '../base/keyring.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { journalId } from '../events/ids.ts'
import { openJournal } from '../platform/journal/open-journal.ts'
import type { Store } from '../records/store.ts'
import type { EventLog } from '../spool/event-log.ts'
import type { Spool } from '../spool/spool.ts'
import type { Config } from './config/config.ts'
import { journalFolder } from './data-files.ts'
import { openRecords } from './records.ts'

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
  const { clock, random, keyring, store } = await openRecords(config)
  try {
    const spool = await openSpool(config, clock, random, log)
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
  } catch (thrown) {
    // In use, or newer than this program; the caller says so.
    await store[Symbol.asyncDispose]()
    throw thrown
  }
}

function openSpool(config: Config, clock: Clock, random: Random, log: Log) {
  const folder = journalFolder(config.dataDir, ONLY_JOURNAL)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return openJournal({
    folder,
    journal: ONLY_JOURNAL,
    node: config.nodeName,
    clock,
    random,
    log,
    retention: { failed: config.spool.retentionFailed, events: config.spool.retentionEvents },
    limits: { lowWaterOctets: config.spool.lowWater, cacheOctets: config.spool.memory },
  })
}
