// SPDX-License-Identifier: Apache-2.0
/** How tenants stand, and what is counted of them, over their tables. Counts are written every few seconds and are no change of the records. */
import type { Kysely } from 'kysely'
import type { StandingHour, StandingHourRecords, StandingRecords } from '../../records/standing.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

const KEY = ['tenant', 'pool', 'hour'] as const

export function standings(db: Kysely<Tables>, writes: Writes): StandingRecords {
  return {
    list: () => db.selectFrom('standings').selectAll().orderBy('tenant').orderBy('pool').execute(),
    effects: () =>
      db
        .selectFrom('standings')
        .select(['tenant', 'pool', 'state'])
        .where('state', 'in', ['quarantined', 'held'])
        .orderBy('tenant')
        .orderBy('pool')
        .execute(),
    find: async ({ pool, tenant }) => {
      const found = await db
        .selectFrom('standings')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('pool', '=', pool)
        .executeTakeFirst()
      return found ?? null
    },
    put: (record) =>
      writes.put(`standing of tenant ${record.tenant} in pool ${record.pool}`, () =>
        db
          .insertInto('standings')
          .values(record)
          .onConflict((conflict) => conflict.columns(['tenant', 'pool']).doUpdateSet(record))
          .execute(),
      ),
  }
}

export function standingHours(db: Kysely<Tables>): StandingHourRecords {
  return {
    add: async (rows) => {
      for (const row of rows) await addOne(db, row)
    },
    list: async (since, { pool, tenant }) => {
      let query = db.selectFrom('standingHours').selectAll().where('hour', '>=', since)
      if (tenant !== undefined) query = query.where('tenant', '=', tenant)
      if (pool !== undefined) query = query.where('pool', '=', pool)
      const found = await query.orderBy('hour').orderBy('tenant').orderBy('pool').execute()
      return found.map((row) => ({
        tenant: row.tenant,
        pool: row.pool,
        hour: Number(row.hour),
        delivered: Number(row.delivered),
        unknown: Number(row.unknown),
        refused: Number(row.refused),
        complained: Number(row.complained),
      }))
    },
    removeOlder: async (hour) => {
      await db.deleteFrom('standingHours').where('hour', '<', hour).execute()
    },
  }
}

async function addOne(db: Kysely<Tables>, row: StandingHour): Promise<void> {
  await db
    .insertInto('standingHours')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(KEY).doUpdateSet((there) => ({
        delivered: there('standingHours.delivered', '+', row.delivered),
        unknown: there('standingHours.unknown', '+', row.unknown),
        refused: there('standingHours.refused', '+', row.refused),
        complained: there('standingHours.complained', '+', row.complained),
      })),
    )
    .execute()
}
