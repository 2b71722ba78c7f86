// SPDX-License-Identifier: Apache-2.0
/** `/suppressions/imports` and `/suppressions/export`: very many at once, as CSV, in parts. */
import { z } from 'zod'
import { suppressionLimits } from '../../base/limits/record-limits.ts'
import { timestampOf } from '../../events/event.ts'
import type { SuppressionImport } from '../../records/suppressions/suppression.ts'
import { csvLine, headerLine } from '../../records/suppressions/suppression-csv.ts'
import {
  abandonImport,
  beginImport,
  finishImport,
  importPart,
} from '../../records/suppressions/suppression-import.ts'
import { timestamp } from '../http/fields.ts'
import { pageQuery } from '../http/page.ts'
import { route } from '../http/route.ts'
import { pageIn, reason, wishOf } from './suppression-fields.ts'

const byId = z.strictObject({ id: z.string() })

const imported = z.object({
  id: z.string(),
  tenant: z.string(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
})

export const begin = route({
  id: 'suppressions.beginImport',
  method: 'POST',
  isKeptInAudit: false,
  path: '/suppressions/imports',
  summary: 'Begins an import. Nothing of it counts before it is finished.',
  needs: 'suppressions',
  answer: imported,
  status: 201,
  run: async ({ scope }, { records }) => viewOf(await beginImport(records, scope)),
})

export const part = route({
  id: 'suppressions.importPart',
  method: 'POST',
  isKeptInAudit: false,
  path: '/suppressions/imports/{id}/parts',
  summary: 'Takes lines of CSV into an import. Lines that are wrong are told, and left out.',
  needs: 'suppressions',
  bodyOctets: 3 * suppressionLimits.partOctets,
  params: byId,
  body: z.strictObject({
    csv: z
      .string()
      .max(suppressionLimits.partOctets)
      .default('')
      .meta({
        description: `Lines, after one that names the columns: ${headerLine}. Addresses alone need none.`,
      }),
    firstLine: z
      .int()
      .min(1)
      .default(1)
      .meta({ description: 'Number of the first line after it.' }),
    reason: reason.default('manual').meta({ description: 'Of lines that give none.' }),
    keepAddress: z.boolean().default(true),
  }),
  answer: z.object({
    added: z.int(),
    known: z.int(),
    bad: z.int(),
    badLines: z.array(z.object({ line: z.int(), message: z.string() })),
  }),
  run: async ({ scope, params, body: { keepAddress, ...given } }, { records }) => {
    const done = await importPart(records, scope, params.id, {
      ...given,
      keepsAddress: keepAddress,
    })
    return { ...done, badLines: [...done.badLines] }
  },
})

export const finish = route({
  id: 'suppressions.finishImport',
  method: 'POST',
  isKeptInAudit: false,
  path: '/suppressions/imports/{id}/finish',
  summary: 'Finishes an import: all of it counts from now on.',
  needs: 'suppressions',
  params: byId,
  answer: imported,
  run: async ({ scope, params }, { records }) =>
    viewOf(await finishImport(records, scope, params.id)),
})

export const abandon = route({
  id: 'suppressions.abandonImport',
  method: 'DELETE',
  isKeptInAudit: false,
  path: '/suppressions/imports/{id}',
  summary: 'Gives up an import that is not finished; nothing of it stays.',
  needs: 'suppressions',
  params: byId,
  answer: imported,
  run: async ({ scope, params }, { records }) =>
    viewOf(await abandonImport(records, scope, params.id)),
})

export const exported = route({
  id: 'suppressions.export',
  method: 'GET',
  path: '/suppressions/export',
  summary: 'Entries as lines of CSV, which an import reads.',
  needs: 'suppressions',
  query: z.strictObject({
    ...pageQuery,
    limit: z.coerce.number().int().min(1).max(suppressionLimits.exportTogether).default(1_000),
    reason: reason.optional(),
  }),
  answer: z.object({
    header: z.string(),
    lines: z.array(z.string()),
    nextCursor: z.string().nullable(),
  }),
  run: async ({ scope, query: { cursor, limit, reason: only } }, { records }) => {
    const wish = wishOf({ reasons: only === undefined ? undefined : [only] })
    const order = 'oldest'
    const { items, nextCursor } = await pageIn(records, scope, wish, { cursor, limit, order })
    return { header: headerLine, lines: items.map(csvLine), nextCursor }
  },
})

function viewOf({ finishedAt, id, startedAt, tenant }: SuppressionImport) {
  return {
    id,
    tenant: tenant as string,
    startedAt: timestampOf(startedAt),
    finishedAt: finishedAt === null ? null : timestampOf(finishedAt),
  }
}
