// SPDX-License-Identifier: Apache-2.0
/** Records that move from their file into PostgreSQL. */
import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { storeFile } from '../../src/app/data-files.ts'
import { instant } from '../../src/base/brand.ts'
import { openPostgresStore } from '../../src/platform/postgres/postgres-store.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import type { Store } from '../../src/records/store.ts'
import { CommandLine } from '../support/command-line.ts'
import {
  POSTGRES_PASSWORD,
  RunningPostgres,
  skipWithoutPostgres,
} from '../support/running-postgres.ts'

interface Copied {
  readonly records: number
  readonly tables: readonly { readonly table: string; readonly records: number }[]
}

/** Everything that a person could miss. */
async function allOf(store: Store): Promise<unknown> {
  return {
    tenants: await store.tenants.list(),
    streams: (await store.streams.list()).toSorted(byText),
    domains: await store.domains.list(),
    keys: (await store.signingKeys.list()).toSorted(byText),
    credentials: (await store.credentials.list()).toSorted(byText),
    apiKeys: (await store.apiKeys.list()).toSorted(byText),
    people: (await store.people.list()).toSorted(byText),
    suppressions: await store.suppressions.list(
      {},
      { order: 'oldest', after: null, limit: 10_000 },
    ),
    cursor: await store.views.cursor('suppressions'),
  }
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}

describe('Records that move into PostgreSQL', { skip: skipWithoutPostgres }, () => {
  const running = new AsyncDisposableStack()
  let postgres: RunningPostgres
  let shell: CommandLine

  before(async () => {
    postgres = running.use(await RunningPostgres.start())
    shell = running.use(await CommandLine.open())
    await shell.init('relay.example.com')
    await shell.json('domain', 'add', 'shop.example')
    await shell.json('credential', 'add', '--label', 'app', '--scram')
    await shell.json('person', 'add', 'ann@shop.example', '--role', 'owner', '--installation')
    const lines = Array.from({ length: 2_500 }, (_, at) => `u${at}@b.example`)
    const list = join(shell.folder, 'list.csv')
    writeFileSync(list, `${lines.join('\n')}\n`)
    await shell.json('suppression', 'import', list)
    await using store = await openSqliteStore(storeFile(join(shell.folder, 'data')))
    await store.views.put('suppressions', 'far')
  })

  after(() => running.disposeAsync())

  it('are said to have nowhere to go while the configuration names no database', async () => {
    const { code, stderr } = await shell.run('store', 'copy')
    assert.equal(code, 64)
    assert.match(stderr, /set postgres in \[store\]/)
  })

  it('are all there, counted, and the same; what is added then has numbers of its own', async () => {
    const options = postgres.options()
    const { place, schema } = options
    const url = `postgres://${place.user}@127.0.0.1:${place.port}/${place.database}`
    appendFileSync(
      join(shell.folder, 'posthaste.toml'),
      `\n[store]\npostgres = "${url}?sslmode=disable"\nschema = "${schema}"\npassword_file = "pg"\n`,
    )
    writeFileSync(join(shell.folder, 'pg'), POSTGRES_PASSWORD, { mode: 0o600 })
    const copied = (await shell.json('store', 'copy')) as Copied
    const counts = new Map(copied.tables.map(({ table, records }) => [table, records]))
    assert.deepEqual(
      ['tenants', 'streams', 'domains', 'credentials', 'people', 'suppressions', 'views'].map(
        (table) => counts.get(table),
      ),
      [1, 2, 1, 1, 1, 2_500, 1],
    )
    await using from = await openSqliteStore(storeFile(join(shell.folder, 'data')))
    await using to = await openPostgresStore(options)
    assert.deepEqual(await allOf(to), await allOf(from))
    await to.audit.add({
      ...{ at: instant(1), tenant: null, actorKind: 'local', actor: '', actorName: '' },
      ...{ address: '', action: 'x', target: '', before: null, after: null },
    })
    assert.ok((counts.get('audit') ?? 0) > 0)
    // The command line works with them, and adds to them.
    const added = await shell.run('suppression', 'add', 'one-more@b.example')
    assert.equal(added.code, 0, added.stderr)
  })

  it('go nowhere where there are some already', async () => {
    const { code, stderr } = await shell.run('store', 'copy')
    assert.notEqual(code, 0)
    assert.match(stderr, /has records already/)
  })
})
