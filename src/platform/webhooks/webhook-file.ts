// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger of webhooks in SQLite, beside the journals that its places are in. One transaction writes how far an endpoint is and
 * what is under way to it, so a power loss takes both back together: something is sent again, and nothing is left out.
 */
import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type Instant, instant } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'

const VERSION = 1
const PRIVATE_FILE = 0o600

const SCHEMA = `
  create table ledger (id integer primary key check (id = 1), made_at integer not null) strict;
  create table place (webhook text primary key, position text not null, since integer not null) strict, without rowid;
  create table line (
    webhook text not null, number integer not null, id text not null, events text not null,
    attempts integer not null, first_at integer, due_at integer not null, primary key (webhook, number)
  ) strict, without rowid;
  create table dead (
    number integer primary key autoincrement, webhook text not null, id text not null, events text not null,
    attempts integer not null, first_at integer, dead_at integer not null, why text not null, is_asked integer not null
  ) strict;
  create index dead_of on dead (webhook, number);
  create table attempt (
    number integer primary key autoincrement, webhook text not null, at integer not null, delivery text not null,
    events text not null, attempt integer not null, url text not null, status integer, answer text not null, why text,
    duration real not null
  ) strict;
  create index attempt_of on attempt (webhook, number);
`

export interface OpenedLedger {
  readonly database: DatabaseSync
  readonly madeAt: Instant
  /** Why it was made anew; `null` where it was not, or there was none. */
  readonly madeAnew: string | null
}

/** Throws where there can be no such file now. */
export function openLedger(path: string, now: Instant): OpenedLedger {
  const before = existsSync(path) ? open(path, now) : null
  if (before !== null && typeof before !== 'string') return { ...before, madeAnew: null }
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  closeSync(openSync(path, 'a', PRIVATE_FILE))
  chmodSync(path, PRIVATE_FILE)
  const fresh = open(path, now)
  if (typeof fresh === 'string') throw new Error(`the ledger of webhooks cannot be made: ${fresh}`)
  return { ...fresh, madeAnew: before }
}

/** What is wrong with it, in words. */
function open(path: string, now: Instant): Omit<OpenedLedger, 'madeAnew'> | string {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path)
    database.exec('pragma journal_mode = wal; pragma synchronous = normal')
    const version = Number(database.prepare('pragma user_version').get()?.['user_version'])
    if (version === 0)
      database.exec(`begin immediate; ${SCHEMA}; insert into ledger values (1, ${now});
        pragma user_version = ${VERSION}; commit`)
    else if (version !== VERSION) throw new Error(`it has version ${version}`)
    const row = database.prepare('select made_at from ledger').get()
    return { database, madeAt: instant(Number(row?.['made_at'])) }
  } catch (thrown) {
    // Damaged, of another version, or not ours; a file that cannot be made at all says so to the caller.
    database?.close()
    return messageOf(thrown)
  }
}
