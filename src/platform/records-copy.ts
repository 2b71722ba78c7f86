// SPDX-License-Identifier: Apache-2.0
/**
 * Copies all records of a SQLite file into an empty schema of PostgreSQL, in one transaction there: all of it or nothing. The
 * file is held against writers meanwhile, and stays as it is. Both have the same tables, with the same columns.
 */
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { RelayError } from '../base/errors.ts'
import { copyLimits } from '../base/limits/record-limits.ts'
import { clientConfig } from './postgres/client-config.ts'
import { failureAt } from './postgres/failure.ts'
import { migrate } from './postgres/migrate.ts'
import type { PostgresOptions } from './postgres/place.ts'
import type { Tables } from './sql/tables.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'

/** Those that others refer to come first. */
const order = [
  ...(['tenants', 'streams', 'domains', 'signingKeys', 'domainCheckups', 'credentials'] as const),
  ...([
    'apiKeys',
    'people',
    'sessions',
    'audit',
    'suspensions',
    'brakes',
    'campaigns',
    'rates',
    'warmUps',
    'sources',
    'sourceCheckups',
    'engagement',
    'quotas',
    'quotaUsage',
    'standings',
    'standingHours',
  ] as const),
  ...(['suppressionImports', 'suppressions', 'webhooks', 'firstAnswers', 'views'] as const),
  'lessons',
  'lastUses',
] as const satisfies readonly (keyof Tables)[]

/** Does not compile where a table is forgotten. */
type Forgotten = Exclude<keyof Tables, (typeof order)[number]>
const isComplete: [Forgotten] extends [never] ? true : never = true

/** Their numbers go on where the copy ends. */
const numbered: readonly string[] = ['audit', 'suppressions']

type Row = Readonly<Record<string, unknown>>

export interface CopiedTable {
  readonly table: string
  readonly records: number
}

/** Throws `RLY_RECORD_EXISTS` where the schema has records, `RLY_DATA_DIR_*`, `RLY_STORE_FAILED`. */
export async function copyToPostgres(
  file: string,
  options: PostgresOptions,
): Promise<readonly CopiedTable[]> {
  // Brings an older file forward, after a copy of its own.
  await (await openSqliteStore(file))[Symbol.asyncDispose]()
  const database = new DatabaseSync(file)
  const client = new pg.Client(clientConfig(options))
  client.on('error', () => {})
  try {
    database.exec('begin immediate')
    await client.connect()
    await migrate(client, options.schema)
    await client.query('begin')
    await client.query('lock table change_count in share row exclusive mode')
    await checkIsEmpty(client, options)
    const copied: CopiedTable[] = []
    for (const table of isComplete ? order : [])
      copied.push(await copyTable(database, client, table))
    await client.query('commit')
    return copied
  } catch (thrown) {
    // Nobody answers, we are not let in, or a row is refused; what was begun is rolled back with the connection.
    throw thrown instanceof RelayError ? thrown : failureAt(options.place, thrown)
  } finally {
    database.close()
    await client.end()
  }
}

async function checkIsEmpty(client: pg.Client, { schema }: PostgresOptions): Promise<void> {
  for (const table of order) {
    const { rows } = await client.query(`select 1 from ${snake(table)} limit 1`)
    if (rows.length === 0) continue
    throw new RelayError(
      'RLY_RECORD_EXISTS',
      `the schema "${schema}" has records already (${snake(table)}): copy into an empty one`,
    )
  }
}

async function copyTable(
  database: DatabaseSync,
  client: pg.Client,
  table: keyof Tables,
): Promise<CopiedTable> {
  const name = snake(table)
  let records = 0
  let rows: Row[] = []
  const flush = async () => {
    if (rows.length > 0) await insert(client, name, rows)
    records += rows.length
    rows = []
  }
  for (const row of database.prepare(`select * from ${name}`).iterate()) {
    rows.push(row)
    if (rows.length >= copyLimits.rowsTogether) await flush()
  }
  await flush()
  if (numbered.includes(table)) await goOn(client, name)
  const { rows: counted } = await client.query(`select count(*)::int as count from ${name}`)
  if (counted[0]?.count !== records)
    throw new RelayError('RLY_STORE_FAILED', `of ${records} ${name} ${counted[0]?.count} arrived`)
  return { table: name, records }
}

async function insert(client: pg.Client, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const values = rows.flatMap((row) => columns.map((column) => pgValueOf(row[column])))
  const places = rows.map((_, at) => {
    const own = columns.map((_column, index) => `$${at * columns.length + index + 1}`)
    return `(${own.join(', ')})`
  })
  const quoted = columns.map((column) => `"${column}"`).join(', ')
  await client.query(
    `insert into ${table} (${quoted}) overriding system value values ${places.join(', ')}`,
    values,
  )
}

/** The next number is one more than the largest. */
async function goOn(client: pg.Client, table: string): Promise<void> {
  await client.query(
    `select setval(pg_get_serial_sequence('${table}', 'id'), coalesce(max(id), 0) + 1, false) from ${table}`,
  )
}

function pgValueOf(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

/** As the databases name it. */
function snake(table: string): string {
  return table.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
