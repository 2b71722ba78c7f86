// SPDX-License-Identifier: Apache-2.0
/** Each kind of record over its table. */
import type { Kysely } from 'kysely'
import type { Store } from '../../records/store.ts'
import { audit } from './audit-table.ts'
import { brakes } from './brake-table.ts'
import { campaigns } from './campaign-table.ts'
import { domainCheckups } from './domain-checkup-table.ts'
import { engagement } from './engagement-table.ts'
import { firstAnswers } from './first-answer-table.ts'
import { lastUses } from './last-use-table.ts'
import { lessons } from './lesson-table.ts'
import { people, sessions } from './people-tables.ts'
import { quotas, quotaUsage } from './quota-tables.ts'
import { rates } from './rate-table.ts'
import { sourceCheckups } from './source-checkup-table.ts'
import { sources } from './source-table.ts'
import { standingHours, standings } from './standing-tables.ts'
import { suppressions } from './suppression-tables.ts'
import {
  apiKeyOf,
  apiKeyRowOf,
  credentialOf,
  credentialRowOf,
  domainOfRow,
  domainRowOf,
  signingKeyOf,
  signingKeyRowOf,
  streamOf,
  streamRowOf,
  type Tables,
} from './tables.ts'
import { views } from './view-table.ts'
import { warmUps } from './warm-up-table.ts'
import { webhooks } from './webhook-table.ts'
import type { Writes } from './writes.ts'

/** The part of a store that is made of tables. */
export type RecordTables = Omit<Store, 'transaction' | 'version' | typeof Symbol.asyncDispose>

export function recordTables(db: Kysely<Tables>, writes: Writes): RecordTables {
  return {
    tenants: tenants(db, writes),
    streams: streams(db, writes),
    domains: domains(db, writes),
    signingKeys: signingKeys(db, writes),
    domainCheckups: domainCheckups(db),
    credentials: credentials(db, writes),
    apiKeys: apiKeys(db, writes),
    people: people(db, writes),
    sessions: sessions(db),
    audit: audit(db),
    suspensions: suspensions(db, writes),
    brakes: brakes(db, writes),
    ...{ campaigns: campaigns(db, writes), rates: rates(db), engagement: engagement(db) },
    suppressions: suppressions(db, writes),
    quotas: quotas(db, writes),
    quotaUsage: quotaUsage(db),
    standings: standings(db, writes),
    standingHours: standingHours(db),
    webhooks: webhooks(db, writes),
    warmUps: warmUps(db, writes),
    sources: sources(db, writes),
    sourceCheckups: sourceCheckups(db),
    views: views(db),
    lessons: lessons(db),
    lastUses: lastUses(db),
    firstAnswers: firstAnswers(db),
  }
}

function tenants(db: Kysely<Tables>, writes: Writes): Store['tenants'] {
  return {
    list: () => db.selectFrom('tenants').selectAll().orderBy('id').execute(),
    put: (tenant) =>
      writes.put(`tenant ${tenant.id}`, () =>
        db
          .insertInto('tenants')
          .values(tenant)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(tenant))
          .execute(),
      ),
    remove: (id) =>
      writes.remove(`tenant ${id} still has domains, credentials, keys or people`, () =>
        db.deleteFrom('tenants').where('id', '=', id).executeTakeFirst(),
      ),
  }
}

function streams(db: Kysely<Tables>, writes: Writes): Store['streams'] {
  return {
    list: async () => {
      const rows = await db
        .selectFrom('streams')
        .selectAll()
        .orderBy('tenant')
        .orderBy('name')
        .execute()
      return rows.map(streamOf)
    },
    put: (stream) => {
      const row = streamRowOf(stream)
      return writes.put(`stream ${stream.name} of tenant ${stream.tenant}`, () =>
        db
          .insertInto('streams')
          .values(row)
          .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(row))
          .execute(),
      )
    },
    remove: (tenant, name) =>
      writes.remove(`stream ${name} of tenant ${tenant} still has credentials or webhooks`, () =>
        db
          .deleteFrom('streams')
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .executeTakeFirst(),
      ),
  }
}

function domains(db: Kysely<Tables>, writes: Writes): Store['domains'] {
  return {
    list: async () => {
      const rows = await db
        .selectFrom('domains')
        .selectAll()
        .orderBy('name')
        .orderBy('tenant')
        .execute()
      return rows.map(domainOfRow)
    },
    named: async (name) => {
      const rows = await db
        .selectFrom('domains')
        .selectAll()
        .where('name', '=', name)
        .orderBy('tenant')
        .execute()
      return rows.map(domainOfRow)
    },
    put: (domain) => {
      const row = domainRowOf(domain)
      return writes.put(`domain ${domain.name} of tenant ${domain.tenant}`, () =>
        db
          .insertInto('domains')
          .values(row)
          .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(row))
          .execute(),
      )
    },
    remove: (tenant, name) =>
      writes.remove(`domain ${name} of tenant ${tenant} is still in use`, () =>
        db
          .deleteFrom('domains')
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .executeTakeFirst(),
      ),
  }
}

function signingKeys(db: Kysely<Tables>, writes: Writes): Store['signingKeys'] {
  return {
    list: async () => {
      const rows = await db
        .selectFrom('signingKeys')
        .selectAll()
        .orderBy('domain')
        .orderBy('tenant')
        .orderBy('selector')
        .execute()
      return rows.map(signingKeyOf)
    },
    of: async (tenant, domain) => {
      const rows = await db
        .selectFrom('signingKeys')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('domain', '=', domain)
        .orderBy('selector')
        .execute()
      return rows.map(signingKeyOf)
    },
    put: (key) => {
      const row = signingKeyRowOf(key)
      return writes.put(`key ${key.selector} of domain ${key.domain}`, () =>
        db
          .insertInto('signingKeys')
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'domain', 'selector']).doUpdateSet(row),
          )
          .execute(),
      )
    },
    remove: (tenant, domain, selector) =>
      writes.remove(`key ${selector} of domain ${domain} is still in use`, () =>
        db
          .deleteFrom('signingKeys')
          .where('tenant', '=', tenant)
          .where('domain', '=', domain)
          .where('selector', '=', selector)
          .executeTakeFirst(),
      ),
  }
}

function credentials(db: Kysely<Tables>, writes: Writes): Store['credentials'] {
  return {
    list: async () => {
      const rows = await db.selectFrom('credentials').selectAll().orderBy('id').execute()
      return rows.map(credentialOf)
    },
    put: (credential) => {
      const row = credentialRowOf(credential)
      return writes.put(`credential ${credential.id}`, () =>
        db
          .insertInto('credentials')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute(),
      )
    },
    remove: (id) =>
      writes.remove(`credential ${id} is still in use`, () =>
        db.deleteFrom('credentials').where('id', '=', id).executeTakeFirst(),
      ),
  }
}

function apiKeys(db: Kysely<Tables>, writes: Writes): Store['apiKeys'] {
  return {
    list: async () => {
      const rows = await db.selectFrom('apiKeys').selectAll().orderBy('id').execute()
      return rows.map(apiKeyOf)
    },
    put: (key) => {
      const row = apiKeyRowOf(key)
      return writes.put(`key ${key.id}`, () =>
        db
          .insertInto('apiKeys')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute(),
      )
    },
    remove: (id) =>
      writes.remove(`key ${id} is still in use`, () =>
        db.deleteFrom('apiKeys').where('id', '=', id).executeTakeFirst(),
      ),
  }
}

function suspensions(db: Kysely<Tables>, writes: Writes): Store['suspensions'] {
  return {
    list: () => db.selectFrom('suspensions').selectAll().orderBy('queue').execute(),
    put: (suspension) =>
      writes.put(`suspension of ${suspension.queue}`, () =>
        db
          .insertInto('suspensions')
          .values(suspension)
          .onConflict((conflict) => conflict.column('queue').doUpdateSet(suspension))
          .execute(),
      ),
    remove: (queue) =>
      writes.remove(`suspension of ${queue} is still in use`, () =>
        db.deleteFrom('suspensions').where('queue', '=', queue).executeTakeFirst(),
      ),
  }
}
