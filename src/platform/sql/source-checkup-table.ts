// SPDX-License-Identifier: Apache-2.0
/** Check-ups of sources over their table. */
import type { Kysely } from 'kysely'
import type { SourceCheckupRecords, SourceFindings } from '../../records/source-checkup.ts'
import type { Tables } from './tables.ts'

export function sourceCheckups(db: Kysely<Tables>): SourceCheckupRecords {
  return {
    list: async () => {
      const rows = await db.selectFrom('sourceCheckups').selectAll().orderBy('name').execute()
      return rows.map((row) => ({ ...row, findings: JSON.parse(row.findings) as SourceFindings }))
    },
    put: async (checkup) => {
      const row = { ...checkup, findings: JSON.stringify(checkup.findings) }
      await db
        .insertInto('sourceCheckups')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
    },
  }
}
