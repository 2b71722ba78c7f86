// SPDX-License-Identifier: Apache-2.0
/** Quotas and what was counted over their tables. Counts are written once a second and are no change of the records. */
import type { Kysely } from 'kysely'
import type {
  QuotaRecords,
  QuotaSubject,
  QuotaUsage,
  QuotaUsageRecords,
} from '../../records/quotas/quota.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

const SUBJECT = ['tenant', 'kind', 'name', 'period'] as const

export function quotas(db: Kysely<Tables>, writes: Writes): QuotaRecords {
  return {
    list: () =>
      db
        .selectFrom('quotas')
        .selectAll()
        .orderBy('tenant')
        .orderBy('kind')
        .orderBy('name')
        .orderBy('period')
        .execute(),
    put: (quota) =>
      writes.put(`quota of ${quota.kind} ${quota.name}`, () =>
        db
          .insertInto('quotas')
          .values(quota)
          .onConflict((conflict) => conflict.columns(SUBJECT).doUpdateSet(quota))
          .execute(),
      ),
    remove: ({ tenant, kind, name, period }: QuotaSubject) =>
      writes.remove(`quota of ${kind} ${name} is still in use`, () =>
        db
          .deleteFrom('quotas')
          .where('tenant', '=', tenant)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .where('period', '=', period)
          .executeTakeFirst(),
      ),
  }
}

export function quotaUsage(db: Kysely<Tables>): QuotaUsageRecords {
  return {
    add: async (counts) => {
      const sums: QuotaUsage[] = []
      for (const count of counts) sums.push(await addOne(db, count))
      return sums
    },
    list: (since) =>
      db.selectFrom('quotaUsage').selectAll().where('startedAt', '>=', since).execute(),
    removeOlder: async (than) => {
      const { numDeletedRows } = await db
        .deleteFrom('quotaUsage')
        .where('startedAt', '<', than)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

async function addOne(db: Kysely<Tables>, count: QuotaUsage): Promise<QuotaUsage> {
  const { recipients } = await db
    .insertInto('quotaUsage')
    .values(count)
    .onConflict((conflict) =>
      conflict.columns([...SUBJECT, 'startedAt']).doUpdateSet(({ eb, ref }) => ({
        recipients: eb('quotaUsage.recipients', '+', ref('excluded.recipients')),
      })),
    )
    .returning('recipients')
    .executeTakeFirstOrThrow()
  return { ...count, recipients: Number(recipients) }
}
