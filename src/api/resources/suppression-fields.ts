// SPDX-License-Identifier: Apache-2.0
/** What requests and answers about suppressions have in common. */
import { z } from 'zod'
import type { Instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { NumberSeal } from '../../base/number-seal.ts'
import { timestampOf } from '../../events/event.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import {
  type EntryReason,
  entryReasons,
  type Suppression,
  type SuppressionId,
  type SuppressionScope,
  scopeKinds,
} from '../../records/suppressions/suppression.ts'
import { listScope } from '../../records/suppressions/suppression-entry.ts'
import { suppressionName } from '../../records/suppressions/suppression-name.ts'
import type { SuppressionPage } from '../../records/suppressions/suppression-records.ts'
import {
  listSuppressions,
  type SuppressionWish,
} from '../../records/suppressions/suppression-service.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import { timestamp } from '../http/fields.ts'
import { numberAfter, numberCursor, type Page, type PageQuery } from '../http/page.ts'

export const reason = z.enum(entryReasons)

export const suppression = z.object({
  id: z.string(),
  tenant: z.string(),
  address: z.string().nullable().meta({ description: 'null: only its hash is kept.' }),
  reason,
  scope: z.enum(scopeKinds).meta({ description: 'Which mail it is about.' }),
  name: z.string().nullable().meta({ description: 'Of the stream or list.' }),
  sourceEvent: z.string().nullable(),
  import: z.string().nullable(),
  note: z.string(),
  createdAt: timestamp,
  expiresAt: timestamp.nullable(),
})

export type SuppressionAnswer = z.infer<typeof suppression>

export function viewOf(entry: Suppression): SuppressionAnswer {
  const { expiresAt, scope } = entry
  return {
    id: suppressionName(entry),
    tenant: entry.tenant,
    address: entry.address,
    reason: entry.reason,
    scope: scope.kind,
    name: scope.kind === 'tenant' ? null : scope.name,
    sourceEvent: entry.sourceEvent,
    import: entry.importId,
    note: entry.note,
    createdAt: timestampOf(entry.createdAt),
    expiresAt: expiresAt === null ? null : timestampOf(expiresAt),
  }
}

interface Selected {
  readonly address?: string | undefined
  readonly domain?: string | undefined
  readonly stream?: string | undefined
  readonly list?: string | undefined
  readonly event?: string | undefined
  readonly import?: string | undefined
  readonly since?: Instant | undefined
  readonly reasons?: readonly EntryReason[] | undefined
}

export function wishOf(selected: Selected): SuppressionWish {
  return {
    address: selected.address ?? null,
    domain: selected.domain ?? null,
    reasons: selected.reasons ?? null,
    scope: scopeIn(selected),
    event: selected.event ?? null,
    importId: selected.import ?? null,
    since: selected.since ?? null,
  }
}

function scopeIn({ list, stream }: Selected): SuppressionScope | null {
  if (list !== undefined && stream !== undefined)
    throw new RelayError('RLY_USAGE', 'an entry is about one stream or one list, not both')
  if (list !== undefined) return listScope(list)
  return stream === undefined ? null : { kind: 'stream', name: stream.toLowerCase() }
}

/** A page of entries, and the cursor of the next one. */
export async function pageIn(
  context: RecordsContext,
  scope: TenantScope,
  wish: SuppressionWish,
  { cursor, limit, order }: PageQuery & Pick<SuppressionPage, 'order'>,
): Promise<Page<Suppression>> {
  const seal = new NumberSeal(context.keyring, 'suppressions')
  const after = numberAfter(cursor, seal) as SuppressionId | null
  const found = await listSuppressions(context, scope, wish, { order, after, limit: limit + 1 })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const hasMore = found.length > limit && last !== undefined
  return { items, nextCursor: hasMore ? numberCursor(last.id, seal) : null }
}
