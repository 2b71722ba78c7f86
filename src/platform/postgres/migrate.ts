// SPDX-License-Identifier: Apache-2.0
/**
 * Brings a schema of records to the version of this program: forward only, all steps in one transaction, after a copy of
 * the schema as it was. The version is the only row of `schema_version`: the number of the last step that was applied.
 */
import pg from 'pg'
import { RelayError } from '../../base/errors.ts'
import { records } from './migrations/0001-records.ts'
import { streamFromDomains } from './migrations/0002-stream-from-domains.ts'
import { suppressions } from './migrations/0003-suppressions.ts'
import { views } from './migrations/0004-views.ts'
import { firstAnswers } from './migrations/0005-first-answers.ts'
import { domainStates } from './migrations/0006-domain-states.ts'
import { sandboxes } from './migrations/0007-sandboxes.ts'
import { people } from './migrations/0008-people.ts'
import { streamGates } from './migrations/0009-stream-gates.ts'
import { streamFeedback } from './migrations/0010-stream-feedback.ts'
import { webhooks } from './migrations/0011-webhooks.ts'
import { brakes } from './migrations/0012-brakes.ts'
import { fullMailboxes } from './migrations/0013-full-mailboxes.ts'
import { lessons } from './migrations/0014-lessons.ts'
import { rates } from './migrations/0015-rates.ts'
import { warmUps } from './migrations/0016-warm-ups.ts'
import { quotas } from './migrations/0017-quotas.ts'
import { disabledCredentials } from './migrations/0018-disabled-credentials.ts'
import { streamTracking } from './migrations/0019-stream-tracking.ts'
import { answerOwners } from './migrations/0020-answer-owners.ts'
import { standings } from './migrations/0021-standings.ts'
import { coldStreams } from './migrations/0022-cold-streams.ts'
import { campaigns } from './migrations/0023-campaigns.ts'
import { sources } from './migrations/0024-sources.ts'
import { sourceCheckups } from './migrations/0025-source-checkups.ts'
import { engagement } from './migrations/0026-engagement.ts'
import { lastUses } from './migrations/0027-last-uses.ts'
import { campaignSpread } from './migrations/0028-campaign-spread.ts'
import { streamRetention } from './migrations/0029-stream-retention.ts'
import { campaignWishes } from './migrations/0030-campaign-wishes.ts'

/** In order; the first is version 1. Released steps never change. */
export const migrations: readonly string[] = [
  records,
  streamFromDomains,
  suppressions,
  views,
  firstAnswers,
  domainStates,
  sandboxes,
  people,
  streamGates,
  streamFeedback,
  webhooks,
  brakes,
  fullMailboxes,
  lessons,
  rates,
  warmUps,
  quotas,
  disabledCredentials,
  streamTracking,
  answerOwners,
  standings,
  coldStreams,
  campaigns,
  sources,
  sourceCheckups,
  engagement,
  lastUses,
  campaignSpread,
  streamRetention,
  campaignWishes,
]

/** Other processes that start at the same moment wait, and find it done. */
export async function migrate(
  client: pg.ClientBase,
  schema: string,
  steps: readonly string[] = migrations,
): Promise<void> {
  if ((await versionOf(client, schema, steps)) === steps.length) return
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `posthaste ${schema}`,
    ])
    const version = await versionOf(client, schema, steps)
    if (version === 0) await build(client, schema, steps)
    else if (version < steps.length) {
      // Nobody writes from here on, and the copy holds everything.
      await client.query('lock table change_count in share row exclusive mode')
      await copy(client, schema, steps.slice(0, version))
      await apply(client, schema, steps.slice(version), steps.length)
    }
    await client.query('commit')
  } catch (thrown) {
    // A step that fails, a right that we have not: the schema stays as it was.
    await client.query('rollback').catch(() => {})
    throw thrown
  }
}

/** Throws where `migrate` would have something to do. */
export async function checkVersion(client: pg.ClientBase, schema: string): Promise<void> {
  const version = await versionOf(client, schema, migrations)
  if (version < migrations.length)
    throw new Error(
      `the schema ${schema} has version ${version}, this program ${migrations.length}; the relay brings it forward when it starts`,
    )
}

/** Where the schema goes before it is migrated away from `version`. */
export function copyName(schema: string, version: number): string {
  return `${schema}_version_${version}`
}

async function versionOf(
  client: pg.ClientBase,
  schema: string,
  steps: readonly string[],
): Promise<number> {
  // Not to_regclass(), which may remember what was so before another process made the schema.
  const there = await client.query(
    `select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = $1 and relname = 'schema_version'`,
    [schema],
  )
  if (there.rows.length === 0) return 0
  const { rows } = await client.query<{ version: number }>(
    `select version from ${quoted(schema)}.schema_version`,
  )
  const version = rows[0]?.version ?? 0
  if (version > steps.length)
    throw new RelayError(
      'RLY_DATA_DIR_NEWER',
      `the schema ${schema} was written by a newer Posthaste (records version ${version}, this program knows ${steps.length}); start the newer program, or put back the copy that it made: ${copyName(schema, steps.length)}`,
    )
  return version
}

/** From nothing. A schema that somebody made for us, with the right to fill it, is taken. */
async function build(
  client: pg.ClientBase,
  schema: string,
  steps: readonly string[],
): Promise<void> {
  const there = await client.query('select 1 from pg_namespace where nspname = $1', [schema])
  if (there.rows.length === 0) await client.query(`create schema ${quoted(schema)}`)
  await client.query(`create table ${quoted(schema)}.schema_version (version integer not null)`)
  await client.query(`insert into ${quoted(schema)}.schema_version values (0)`)
  await apply(client, schema, steps, steps.length)
}

async function apply(
  client: pg.ClientBase,
  schema: string,
  steps: readonly string[],
  version: number,
): Promise<void> {
  await client.query(`set local search_path to ${quoted(schema)}`)
  for (const step of steps) await client.query(step)
  await client.query('update schema_version set version = $1', [version])
}

/** A schema that the older program could use as it is: made by its steps, filled with what is there. */
async function copy(
  client: pg.ClientBase,
  schema: string,
  steps: readonly string[],
): Promise<void> {
  const target = copyName(schema, steps.length)
  await client.query(`drop schema if exists ${quoted(target)} cascade`)
  await build(client, target, steps)
  for (const table of await tablesOf(client, target)) {
    // Some steps fill tables themselves.
    await client.query(`delete from ${quoted(target)}.${quoted(table)}`)
    await client.query(
      `insert into ${quoted(target)}.${quoted(table)} overriding system value select * from ${quoted(schema)}.${quoted(table)}`,
    )
  }
  await continueIdentities(client, target)
}

/** New rows of a copy get the ids after those that were copied. */
async function continueIdentities(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string; column: string }>(
    `select quote_ident($1) || '.' || quote_ident(relname) as name, quote_ident(attname) as column
     from pg_attribute join pg_class on pg_class.oid = attrelid
     where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind = 'r' and attidentity <> ''`,
    [schema],
  )
  for (const { name, column } of rows)
    await client.query(
      `select setval(pg_get_serial_sequence('${name}', '${column}'), coalesce(max(${column}), 1), max(${column}) is not null) from ${name}`,
    )
}

/** Those that others refer to come first. */
async function tablesOf(client: pg.ClientBase, schema: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ relname: string }>(
    `select relname from pg_class
     where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind = 'r'
     order by oid`,
    [schema],
  )
  return rows.map(({ relname }) => relname)
}

function quoted(identifier: string): string {
  return pg.escapeIdentifier(identifier)
}
