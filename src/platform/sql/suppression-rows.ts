// SPDX-License-Identifier: Apache-2.0
/** Rows of suppressions, and which of them a selection means. */
import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from 'kysely'
import type { NewSuppression, Suppression } from '../../records/suppressions/suppression.ts'
import type { SuppressionSelection } from '../../records/suppressions/suppression-records.ts'
import type { SuppressionRow, Tables } from './tables.ts'

export function rowOf({ scope, ...rest }: NewSuppression): Omit<SuppressionRow, 'id'> {
  return { ...rest, scopeKind: scope.kind, scopeName: scope.name }
}

export function suppressionOf({ scopeKind, scopeName, ...rest }: SuppressionRow): Suppression {
  return { ...rest, scope: { kind: scopeKind, name: scopeName } }
}

type Builder = ExpressionBuilder<Tables, 'suppressions'>
type Condition = ExpressionWrapper<Tables, 'suppressions', SqlBool>

/** What is not given fits everything. */
export function fits(row: Builder, selection: SuppressionSelection): Condition {
  const { addressHash, domain, expiredBy, importId, reasons, scope, since, sourceEvent, tenant } =
    selection
  const conditions: Condition[] = []
  if (tenant !== undefined) conditions.push(row('tenant', '=', tenant))
  if (addressHash !== undefined) conditions.push(row('addressHash', '=', addressHash))
  if (domain !== undefined) conditions.push(isAt(row, domain))
  if (reasons !== undefined) conditions.push(row('reason', 'in', reasons))
  if (scope !== undefined)
    conditions.push(row.and([row('scopeKind', '=', scope.kind), row('scopeName', '=', scope.name)]))
  if (sourceEvent !== undefined) conditions.push(row('sourceEvent', '=', sourceEvent))
  if (importId !== undefined) conditions.push(row('importId', '=', importId))
  if (since !== undefined) conditions.push(row('createdAt', '>=', since))
  if (expiredBy !== undefined) conditions.push(row('expiresAt', '<=', expiredBy))
  return row.and(conditions)
}

/** It was not imported, or by an import that is finished. */
export function counts(row: Builder): Condition {
  const finished = row
    .selectFrom('suppressionImports')
    .select('suppressionImports.id')
    .where('suppressionImports.finishedAt', 'is not', null)
  return row.or([row('importId', 'is', null), row('importId', 'in', finished)])
}

function isAt(row: Builder, domain: string): Condition {
  const pattern = `%@${domain.replace(/[\\%_]/g, '\\$&')}`
  return row.and([
    row('address', 'is not', null),
    sql<SqlBool>`address like ${pattern} escape '\\'`,
  ])
}
