// SPDX-License-Identifier: Apache-2.0
/** Check-ups of domains over their table. */
import type { Kysely, Transaction } from 'kysely'
import type { DomainCheckup, DomainCheckupRecords } from '../../records/domains/domain-checkup.ts'
import type { DomainCheckupRow, Tables } from './tables.ts'

export function domainCheckups(db: Kysely<Tables> | Transaction<Tables>): DomainCheckupRecords {
  return {
    of: async (tenant, name) => {
      const row = await db
        .selectFrom('domainCheckups')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .executeTakeFirst()
      if (row === undefined || row.checkedAt === null) return null
      const absences = JSON.parse(row.absences) as DomainCheckup['absences']
      return { ...row, checkedAt: row.checkedAt, absences }
    },
    due: async (by, limit) => {
      const never = await db
        .selectFrom('domains')
        .leftJoin('domainCheckups', (join) =>
          join
            .onRef('domainCheckups.tenant', '=', 'domains.tenant')
            .onRef('domainCheckups.name', '=', 'domains.name'),
        )
        .select(['domains.tenant', 'domains.name'])
        .where('domainCheckups.nextCheckAt', 'is', null)
        .orderBy('domains.createdAt')
        .limit(limit)
        .execute()
      if (never.length === limit) return never
      const late = await db
        .selectFrom('domainCheckups')
        .select(['tenant', 'name'])
        .where('nextCheckAt', '<=', by)
        .orderBy('nextCheckAt')
        .limit(limit - never.length)
        .execute()
      return [...never, ...late]
    },
    put: async (checkup) => {
      const row: DomainCheckupRow = { ...checkup, absences: JSON.stringify(checkup.absences) }
      await db
        .insertInto('domainCheckups')
        .values(row)
        .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(row))
        .execute()
    },
  }
}
