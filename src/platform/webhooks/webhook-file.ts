// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger of webhooks in SQLite, beside the journals that its places are in. One transaction writes how far an endpoint is and
 * what is under way to it, so a power loss takes both back together: something is sent again, and nothing is left out.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type Instant, instant } from '../../base/brand.ts'
import { messageOf, systemCode } from '../../base/errors.ts'

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

/** The file as it was when it was opened. SQLite keeps it open, and would not see that another one has its name. */
export class LedgerFile {
  readonly #path: string
  readonly #device: number
  readonly #inode: number

  constructor(path: string) {
    this.#path = path
    const { dev, ino } = statSync(path)
    this.#device = dev
    this.#inode = ino
  }

  /** What is wrong with it, in words; `null`: nothing, as far as its first octets say. */
  damage(): string | null {
    let file: number
    try {
      file = openSync(this.#path, 'r')
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return 'it was removed'
      throw thrown
    }
    try {
      const { dev, ino } = fstatSync(file)
      if (dev !== this.#device || ino !== this.#inode) return 'another file has its name'
      const begin = Buffer.alloc(MAGIC.length)
      readSync(file, begin, 0, MAGIC.length, 0)
      return begin.equals(MAGIC) ? null : 'it does not begin as a database does'
    } finally {
      closeSync(file)
    }
  }

  setAside(): string | null {
    return setAside(this.#path)
  }
}

/** `null`: there is none. One that was there before gives way. */
function setAside(path: string): string | null {
  const aside = `${path}.damaged`
  const isThere = existsSync(path)
  for (const suffix of ['', '-wal', '-shm']) {
    if (isThere) rmSync(aside + suffix, { force: true })
    if (!existsSync(path + suffix)) continue
    if (isThere) renameSync(path + suffix, aside + suffix)
    else rmSync(path + suffix)
  }
  return isThere ? aside : null
}

/** https://www.sqlite.org/fileformat2.html §1.3.1. */
const MAGIC = Buffer.from('SQLite format 3\0')

export interface OpenedLedger {
  readonly database: DatabaseSync
  readonly file: LedgerFile
  readonly madeAt: Instant
  /** Why it was made anew; `null` where it was not, or there was none. */
  readonly madeAnew: string | null
}

/** Throws where there can be no such file now. */
export function openLedger(path: string, now: Instant): OpenedLedger {
  const before = existsSync(path) ? open(path, now) : null
  if (before !== null && typeof before !== 'string')
    return { ...before, file: new LedgerFile(path), madeAnew: null }
  setAside(path)
  closeSync(openSync(path, 'a', PRIVATE_FILE))
  chmodSync(path, PRIVATE_FILE)
  const fresh = open(path, now)
  if (typeof fresh === 'string') throw new Error(`the ledger of webhooks cannot be made: ${fresh}`)
  return { ...fresh, file: new LedgerFile(path), madeAnew: before }
}

/** What is wrong with it, in words. */
function open(path: string, now: Instant): Omit<OpenedLedger, 'file' | 'madeAnew'> | string {
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
