// SPDX-License-Identifier: Apache-2.0
/** Records in a real PostgreSQL: how they are made, brought forward, shared, and missed. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { instant } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import { clientConfig } from '../../src/platform/postgres/client-config.ts'
import { copyName, migrate, migrations } from '../../src/platform/postgres/migrate.ts'
import type { PostgresOptions } from '../../src/platform/postgres/place.ts'
import {
  openPostgresStore,
  openPostgresStoreAsItIs,
} from '../../src/platform/postgres/postgres-store.ts'
import type { Slug } from '../../src/records/records.ts'
import {
  POSTGRES_PASSWORD,
  RunningPostgres,
  skipWithoutPostgres,
} from '../support/running-postgres.ts'
import { sampleDomain, sampleKey } from '../support/sample-domains.ts'

const acme = { id: 'acme' as Slug, name: 'Acme', createdAt: instant(1) }
const later = 'create table later (a text); insert into later values (1)'

describe('records in PostgreSQL', { skip: skipWithoutPostgres }, () => {
  let postgres: RunningPostgres
  before(async () => {
    postgres = await RunningPostgres.start()
  })
  after(() => postgres[Symbol.asyncDispose]())

  it('are made once by all who start at the same moment', async () => {
    const options = postgres.options()
    const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgresStore(options)))
    await stores[0]?.tenants.put(acme)
    for (const store of stores) {
      assert.deepEqual(await store.tenants.list(), [acme])
      await store[Symbol.asyncDispose]()
    }
  })

  it('go forward from the first version, after a copy that the older program can use', async () => {
    const options = postgres.options()
    const { schema } = options
    const first = migrations.slice(0, 1)
    await using session = await sessionOf(options)
    await migrate(session.client, schema, first)
    await session.client.query(`
      insert into tenants values ('acme', 'Acme', 1);
      insert into domains values ('example.com', 'acme', 'bounce.example.com', 3);
      insert into signing_keys values ('example.com', 's1', 'rsa-sha256', '\\x01', 'MIIB', 5)`)
    await migrate(session.client, schema, [...migrations, later])
    await session.client.query(`update tenants set name = 'Changed since'`)
    await migrate(session.client, schema, [...migrations, later])
    assert.equal((await session.client.query('select a from later')).rows[0].a, '1')

    await session.client.query(`drop schema ${schema} cascade`)
    await session.client.query(`alter schema ${copyName(schema, 1)} rename to ${schema}`)
    await using restored = await openPostgresStore(options)
    assert.deepEqual(await restored.tenants.list(), [acme])
    const [domain = sampleDomain()] = await restored.domains.list()
    const { ownershipToken } = domain
    assert.match(ownershipToken, /^[0-9A-F]{32}$/)
    assert.deepEqual(domain, sampleDomain('example.com', { ownershipToken, createdAt: instant(3) }))
    const at = { stateSince: instant(5), createdAt: instant(5) }
    assert.deepEqual(await restored.signingKeys.list(), [
      sampleKey({ sealedPrivateKey: Uint8Array.of(1), ...at }),
    ])
    const before = await restored.version()
    await restored.tenants.put({ ...acme, name: 'Goes on' })
    assert.notEqual(await restored.version(), before, 'the copy counts changes too')
  })

  it('keep their ids in a copy, and go on after them there', async () => {
    const options = postgres.options()
    const { schema } = options
    await using session = await sessionOf(options)
    await migrate(session.client, schema)
    await session.client.query(`insert into tenants values ('acme', 'Acme', 1)`)
    const suppress = (hash: string) =>
      session.client.query(
        `insert into suppressions (tenant, address_hash, scope_kind, scope_name, reason, note, created_at)
         values ('acme', $1, 'tenant', '', 'manual', '', 1)`,
        [Buffer.from(hash)],
      )
    await suppress('first')
    await session.client.query(`delete from suppressions`)
    await suppress('second')
    await migrate(session.client, schema, [...migrations, later])
    await session.client.query(`drop schema ${schema} cascade`)
    await session.client.query(
      `alter schema ${copyName(schema, migrations.length)} rename to ${schema}`,
    )
    await suppress('third')
    const { rows } = await session.client.query('select id from suppressions order by id')
    assert.deepEqual(
      rows.map(({ id }) => id),
      [2, 3],
    )
  })

  it('stay as they were where a step fails', async () => {
    const options = postgres.options()
    await using session = await sessionOf(options)
    await migrate(session.client, options.schema)
    const steps = [...migrations, 'create table half (a text); create table nonsense']
    await assert.rejects(migrate(session.client, options.schema, steps), /syntax error/)
    const { rows } = await session.client.query(`select to_regclass('half') as half`)
    assert.equal(rows[0].half, null)
    await using store = await openPostgresStore(options)
    assert.deepEqual(await store.tenants.list(), [])
  })

  it('are refused with a sentence where a newer program wrote them', async () => {
    const options = postgres.options()
    await using session = await sessionOf(options)
    await migrate(session.client, options.schema)
    await session.client.query('update schema_version set version = 99')
    for (const open of [openPostgresStore, openPostgresStoreAsItIs])
      await assert.rejects(open(options), (thrown) => {
        assert.ok(thrown instanceof RelayError && thrown.code === 'RLY_DATA_DIR_NEWER')
        assert.match(thrown.message, /records version 99, this program knows \d+/)
        return true
      })
  })

  it('are not made by who only looks', async () => {
    const options = postgres.options()
    await assert.rejects(openPostgresStoreAsItIs(options), /has version 0, this program \d+/)
    await assert.rejects(openPostgresStoreAsItIs(options), { code: 'RLY_STORE_FAILED' })
  })

  it('count the changes of every table that is read into memory', async () => {
    const options = postgres.options()
    await using session = await sessionOf(options)
    await migrate(session.client, options.schema)
    const { rows } = await session.client.query(
      `select relname from pg_class
       where relnamespace = $1::regnamespace and relkind = 'r'
         and not exists (select from pg_trigger where tgrelid = pg_class.oid and tgname = 'counted')
       order by relname`,
      [options.schema],
    )
    assert.deepEqual(
      rows.map(({ relname }) => relname),
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
        'schema_version',
        'sessions',
        'source_checkups',
        'standing_hours',
        'suppression_imports',
        'suppressions',
        'views',
      ],
    )
  })

  it('are changed by one process after the other, and none has to try again', async () => {
    const options = postgres.options()
    const stores = await Promise.all([openPostgresStore(options), openPostgresStore(options)])
    await stores[0].tenants.put({ ...acme, name: '' })
    let runs = 0
    const changes = Array.from({ length: 20 }, (_, at) => {
      const store = stores[at % 2] ?? stores[0]
      // Changes of one statement come between.
      if (at % 5 === 0) return store.tenants.put({ ...acme, id: `other-${at}` as Slug })
      return store.transaction(async (inner) => {
        runs++
        const tenant = (await inner.tenants.list()).find(({ id }) => id === acme.id) ?? acme
        await inner.tenants.put({ ...tenant, name: `${tenant.name}x` })
      })
    })
    await Promise.all(changes)
    assert.equal((await stores[0].tenants.list())[0]?.name, 'x'.repeat(16))
    assert.equal(runs, 16)
    for (const store of stores) await store[Symbol.asyncDispose]()
  })

  it('that nobody answers for are an error that names the place and no password', async () => {
    const options = postgres.options()
    const wrong = { ...options, password: () => 'wrong horse' }
    const nobody = { ...options, place: { ...options.place, port: 1 } }
    const inTls = { ...options, place: { ...options.place, tls: 'verify-full' as const } }
    for (const [failing, reason] of [
      [wrong, /password authentication failed for user "relay"/],
      [nobody, /at 127\.0\.0\.1:1\/postgres: connect ECONNREFUSED/],
      [inTls, /does not support SSL/],
    ] as const)
      await assert.rejects(openPostgresStore(failing), (thrown) => {
        assert.ok(thrown instanceof RelayError && thrown.code === 'RLY_STORE_FAILED')
        assert.match(thrown.message, reason)
        assert.doesNotMatch(thrown.message, /horse/)
        return true
      })
    assert.equal(POSTGRES_PASSWORD.includes('horse'), true)
  })

  it('are read again as soon as their server is back', async () => {
    await using store = await openPostgresStore(postgres.options())
    await store.tenants.put(acme)
    const version = await store.version()
    await postgres.end()
    await assert.rejects(store.version(), { code: 'RLY_STORE_FAILED' })
    await assert.rejects(store.tenants.put(acme), { code: 'RLY_STORE_FAILED' })
    await postgres.begin()
    assert.deepEqual(await store.tenants.list(), [acme])
    assert.equal(await store.version(), version)
  })
})

/** A connection that does what a program of another version would. */
async function sessionOf(options: PostgresOptions) {
  const client = new pg.Client(clientConfig(options))
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}
