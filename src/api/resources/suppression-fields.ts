// SPDX-License-Identifier: Apache-2.0
/** What requests and answers about suppressions have in common. */
import { z } from 'zod'
import type { Instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { timestampOf } from '../../events/event.ts'
import {
  type EntryReason,
  entryReasons,
  type Suppression,
  type SuppressionId,
  type SuppressionScope,
  scopeKinds,
} from '../../records/suppressions/suppression.ts'
import { listScope } from '../../records/suppressions/suppression-entry.ts'
import type { SuppressionWish } from '../../records/suppressions/suppression-service.ts'
import { timestamp } from '../http/fields.ts'
import { keyOfCursor } from '../http/page.ts'

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
    id: String(entry.id),
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

/** What a page goes on after. */
export function idAfter(cursor: string | undefined): SuppressionId | null {
  if (cursor === undefined || cursor === '') return null
  const text = keyOfCursor(cursor)
  if (/^\d{1,15}$/.test(text)) return Number(text) as SuppressionId
  throw new RelayError('RLY_USAGE', 'cursor: expected the nextCursor of the page before')
}
