// SPDX-License-Identifier: Apache-2.0
/** States of sources over their table. */
import type { Kysely } from 'kysely'
import type { SourceRecord, SourceRecords, SourceState } from '../../records/source.ts'
import type { SourceRow } from './source-row.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

export function sources(db: Kysely<Tables>, writes: Writes): SourceRecords {
  return {
    list: async () => {
      const rows = await db.selectFrom('sources').selectAll().orderBy('name').execute()
      return rows.map(sourceOf)
    },
    put: (record) => {
      const row = rowOf(record)
      return writes.put(`source ${record.name}`, () =>
        db
          .insertInto('sources')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
          .execute(),
      )
    },
  }
}

function rowOf({ address, changedAt, name, state }: SourceRecord): SourceRow {
  return {
    ...{ name, address, changedAt, state: state.kind },
    reason: state.kind === 'active' ? null : state.reason,
    stoppedBy: state.kind === 'active' ? null : state.by,
    restsUntil: state.kind === 'resting' ? state.until : null,
  }
}

function sourceOf({ address, changedAt, name, ...row }: SourceRow): SourceRecord {
  return { name, address, state: stateOf(row), changedAt }
}

function stateOf(row: Pick<SourceRow, 'state' | 'reason' | 'stoppedBy' | 'restsUntil'>) {
  const { reason, restsUntil: until, state: kind, stoppedBy } = row
  if (kind === 'active') return { kind } satisfies SourceState
  const words = { reason: reason ?? '', by: stoppedBy ?? '' }
  return kind === 'resting' ? { kind, until, ...words } : { kind, ...words }
}
