// SPDX-License-Identifier: Apache-2.0
/** Rates over their table. Written every second, so that it counts as no change of records. */
import type { Kysely } from 'kysely'
import type { RateRecords, RateRow } from '../../records/rate.ts'
import type { Tables } from './tables.ts'

const KEY = ['day', 'tenant', 'dimension', 'name'] as const
const COUNTS = ['delivered', 'bounced', 'reported', 'complained', 'unsubscribed', 'told'] as const

export function rates(db: Kysely<Tables>): RateRecords {
  return {
    add: async (rows) => {
      for (const row of rows) await addOne(db, row)
    },
    sums: async ({ dimension, name, since, tenant }, limit) => {
      let query = db
        .selectFrom('rates')
        .select(['tenant', 'dimension', 'name'])
        .select(({ fn }) => COUNTS.map((count) => fn.sum<number>(count).as(count)))
        .where('day', '>=', since)
        .groupBy(['tenant', 'dimension', 'name'])
      if (tenant !== undefined) query = query.where('tenant', '=', tenant)
      if (dimension !== undefined) query = query.where('dimension', '=', dimension)
      if (name !== undefined) query = query.where('name', '=', name)
      const found = await query
        .orderBy('complained', 'desc')
        .orderBy('delivered', 'desc')
        .orderBy('name')
        .limit(limit)
        .execute()
      return found.map((row) => ({
        tenant: row.tenant,
        dimension: row.dimension,
        name: row.name,
        delivered: Number(row.delivered),
        bounced: Number(row.bounced),
        reported: Number(row.reported),
        complained: Number(row.complained),
        unsubscribed: Number(row.unsubscribed),
        told: Number(row.told),
      }))
    },
    removeOlder: async (day) => {
      await db.deleteFrom('rates').where('day', '<', day).execute()
    },
  }
}

async function addOne(db: Kysely<Tables>, row: RateRow): Promise<void> {
  await db
    .insertInto('rates')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(KEY).doUpdateSet((there) => ({
        delivered: there('rates.delivered', '+', row.delivered),
        bounced: there('rates.bounced', '+', row.bounced),
        reported: there('rates.reported', '+', row.reported),
        complained: there('rates.complained', '+', row.complained),
        unsubscribed: there('rates.unsubscribed', '+', row.unsubscribed),
        told: there('rates.told', '+', row.told),
      })),
    )
    .execute()
}
