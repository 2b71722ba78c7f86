// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { sampleDomain, sampleKey } from '../../../test/support/sample-domains.ts'
import { instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { copyName, migrate, migrations } from './migrate.ts'
import { openSqliteStore } from './sqlite-store.ts'

describe('the SQLite file of records', () => {
  let folder: string
  let file: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthaste-sqlite-'))
    file = join(folder, 'records.sqlite')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is closed to others, with all that SQLite puts beside it', async () => {
    await using _store = await openSqliteStore(file)
    assert.ok(readdirSync(folder).length > 1)
    for (const name of readdirSync(folder))
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  })

  it('is not made in a folder that is not there', async () => {
    await assert.rejects(
      openSqliteStore(join(folder, 'absent', 'r.sqlite')),
      (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_DATA_DIR_MISSING',
    )
  })

  it('is refused with a sentence where a newer program wrote it', async () => {
    const database = new DatabaseSync(file)
    database.exec('pragma user_version = 99')
    database.close()
    await assert.rejects(openSqliteStore(file), (thrown) => {
      assert.ok(thrown instanceof RelayError && thrown.code === 'RLY_DATA_DIR_NEWER')
      assert.match(thrown.message, /records version 99, this program knows \d+/)
      return true
    })
  })

  it('is refused where it is no database', async () => {
    writeFileSync(file, 'x'.repeat(5_000))
    await assert.rejects(openSqliteStore(file), /the records in .*: file is not a database/)
  })

  it('is copied before an older one is migrated, and migrated once', () => {
    const steps = [...migrations, 'create table later (a text) strict;']
    const database = new DatabaseSync(file)
    database.exec('pragma journal_mode = wal')
    migrate(database, file)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('version')),
      [],
    )
    database.exec(`insert into tenants values ('acme', 'Acme', 1)`)
    migrate(database, file, steps)
    migrate(database, file, steps)
    database.exec(`insert into later values ('x')`)
    database.close()
    const copy = new DatabaseSync(copyName(file, migrations.length))
    assert.equal(copy.prepare('select name from tenants').get()?.['name'], 'Acme')
    assert.equal(copy.prepare('pragma user_version').get()?.['user_version'], migrations.length)
    copy.close()
    assert.equal(statSync(copyName(file, migrations.length)).mode & 0o777, 0o600)
  })

  it('goes forward from the first version with what is in it, after a copy', async () => {
    const database = new DatabaseSync(file)
    migrate(database, file, migrations.slice(0, 1))
    database.exec(`
      insert into tenants values ('acme', 'Acme', 1);
      insert into streams values ('acme', 'news', 'bulk', 7, 'default', '[60000]', 9000, 0, 1, 2);
      insert into domains values ('example.com', 'acme', 'bounce.example.com', 3);
      insert into domains values ('example.net', 'acme', 'bounce.example.net', 4);
      insert into signing_keys values ('example.com', 's1', 'rsa-sha256', x'01', 'MIIB', 5);
    `)
    database.close()
    await using store = await openSqliteStore(file)
    assert.equal((await store.tenants.list())[0]?.name, 'Acme')
    const [stream] = await store.streams.list()
    assert.deepEqual(
      [stream?.retryAfter, stream?.isDefault, stream?.sendsReports, stream?.longLines],
      [[60_000], true, false, 'fold'],
    )
    const [domain, other] = await store.domains.list()
    assert.ok(domain && other)
    assert.match(domain.ownershipToken, /^[0-9A-F]{32}$/)
    assert.notEqual(domain.ownershipToken, other.ownershipToken)
    const { ownershipToken, stateReason } = domain
    assert.deepEqual(
      domain,
      sampleDomain('example.com', { ownershipToken, stateReason, createdAt: instant(3) }),
    )
    const signsOn = { sealedPrivateKey: Uint8Array.of(1), stateSince: instant(5) }
    assert.deepEqual(await store.signingKeys.list(), [
      sampleKey({ ...signsOn, createdAt: instant(5) }),
    ])
    const copy = new DatabaseSync(copyName(file, 1), { readOnly: true })
    assert.equal(copy.prepare('select count(*) as n from domains').get()?.['n'], 2)
    copy.close()
  })

  it('counts the changes of every table that is read into memory', () => {
    const database = new DatabaseSync(file)
    migrate(database, file)
    const rows = database
      .prepare(
        `select name from sqlite_master as tables
         where type = 'table' and name not like 'sqlite_%' and 3 > (
           select count(*) from sqlite_master where type = 'trigger' and tbl_name = tables.name
         )
         order by name`,
      )
      .all()
    database.close()
    assert.deepEqual(
      rows.map(({ name }) => name),
      [
        'audit',
        'change_count',
        'domain_checkups',
        'engagement',
        'first_answers',
        'last_uses',
        'lessons',
        'people',
        'quota_usage',
        'rates',
        'sessions',
        'source_checkups',
        'standing_hours',
        'suppression_imports',
        'suppressions',
        'views',
      ],
    )
  })

  it('stays as it was where a step fails', () => {
    const database = new DatabaseSync(file)
    migrate(database, file)
    const steps = [...migrations, 'create table half (a text) strict; create table nonsense']
    assert.throws(() => migrate(database, file, steps), /incomplete input|syntax/)
    assert.equal(
      database.prepare(`select 1 from sqlite_master where name = 'half'`).get(),
      undefined,
    )
    migrate(database, file)
    database.close()
    assert.ok(existsSync(copyName(file, migrations.length)))
  })
})
