// SPDX-License-Identifier: Apache-2.0
/**
 * One process owns a journal. The lock is SQLite's on `owner.sqlite`, so it is gone with its process, however that
 * ended; `owner.json` only says whose it is.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../base/clock.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import { timestampOf } from '../../events/event.ts'

/** Throws `RLY_DATA_DIR_IN_USE`. Disposing gives the folder free. */
export function own(folder: string, clock: Clock): Disposable {
  const database = new DatabaseSync(join(folder, 'owner.sqlite'), { timeout: 0 })
  try {
    database.exec('pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive')
  } catch (thrown) {
    database.close()
    if (!messageOf(thrown).includes('locked')) throw thrown
    throw inUse(folder)
  }
  const owner = { pid: process.pid, since: timestampOf(clock.now()), host: hostname() }
  writeFileSync(join(folder, 'owner.json'), `${JSON.stringify(owner)}\n`, { mode: 0o600 })
  return { [Symbol.dispose]: () => database.close() }
}

function inUse(folder: string): RelayError {
  return new RelayError('RLY_DATA_DIR_IN_USE', `${folder} is in use by ${describeOwner(folder)}`)
}

function describeOwner(folder: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8'))
    if (typeof owner === 'object' && owner !== null && 'pid' in owner && 'since' in owner)
      return `process ${owner.pid} since ${owner.since}`
  } catch {
    // Missing or half written: the lock is what counts.
  }
  return 'another process'
}
