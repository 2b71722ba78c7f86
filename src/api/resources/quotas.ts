// SPDX-License-Identifier: Apache-2.0
/** `/quotas`: how many recipients may be handed in in a time, and how many were. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { timestampOf } from '../../events/event.ts'
import { type Quota, quotaId, quotaKinds, quotaPeriods } from '../../records/quotas/quota.ts'
import {
  changeQuota,
  listQuotas,
  type QuotaView,
  quotaOf,
  removeQuota,
  setQuota,
  showQuota,
} from '../../records/quotas/quota-service.ts'
import { type Caller, scopeOf } from '../http/caller.ts'
import { timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'

const kind = z.enum(quotaKinds)

const quota = z.object({
  id: z.string(),
  tenant: z.string(),
  kind,
  name: z.string().meta({ description: 'Of the stream, the id of the credential or tenant.' }),
  period: z.enum(quotaPeriods).meta({ description: 'Of the calendar, in UTC.' }),
  recipients: z.int(),
  whenOver: z.enum(['hold', 'reject']),
  createdAt: timestamp,
})

const quotaWithUsage = quota.extend({
  used: z.int().meta({ description: 'Recipients in the period that is now.' }),
})

export type QuotaAnswer = z.infer<typeof quotaWithUsage>

const byId = z.strictObject({ id: z.string() })

export const list = route({
  id: 'quotas.list',
  method: 'GET',
  path: '/quotas',
  summary: 'Lists quotas, with what was used of them.',
  needs: 'read',
  query: z.strictObject({ ...pageQuery, sort: sortBy(['tenant', 'id', 'used', 'createdAt']) }),
  answer: pageOf(quotaWithUsage),
  run: async ({ scope, query }, { records }) =>
    paged(
      (await listQuotas(records, scope)).map(usedViewOf),
      ({ tenant, id }) => `${tenant}/${id}`,
      query,
    ),
})

export const show = route({
  id: 'quotas.show',
  method: 'GET',
  path: '/quotas/{id}',
  summary: 'Shows a quota, with what was used of it.',
  needs: 'read',
  params: byId,
  answer: quotaWithUsage,
  run: async ({ scope, params }, { records }) =>
    usedViewOf(await showQuota(records, scope, params.id)),
})

export const set = route({
  id: 'quotas.set',
  method: 'POST',
  path: '/quotas',
  summary:
    'Sets a quota, in place of one for the same and the same period. That of a tenant is for the installation to set.',
  needs: 'setup',
  body: z.strictObject({
    kind,
    name: z.string().nullable().default(null),
    period: quota.shape.period,
    recipients: z.int().min(1),
    whenOver: quota.shape.whenOver.default('reject'),
  }),
  answer: quota,
  status: 201,
  run: async ({ caller, scope, body }, { records }) => {
    checkKind(caller, body.kind)
    return viewOf(await setQuota(records, scope, body))
  },
})

export const change = route({
  id: 'quotas.change',
  method: 'PATCH',
  path: '/quotas/{id}',
  summary: 'Changes a quota; what was counted counts on. What is not given stays.',
  needs: 'setup',
  params: byId,
  body: z.strictObject({
    recipients: z.int().min(1).optional(),
    whenOver: quota.shape.whenOver.optional(),
  }),
  answer: quota,
  run: async ({ caller, scope, params, body }, { records }) => {
    const { kind: ofWhat } = await quotaOf(records.store, scope, params.id)
    checkKind(caller, ofWhat)
    return viewOf(await changeQuota(records, scope, params.id, body))
  },
})

export const remove = route({
  id: 'quotas.remove',
  method: 'DELETE',
  path: '/quotas/{id}',
  summary: 'Removes a quota. What was counted stays, should there be one again.',
  needs: 'setup',
  params: byId,
  answer: quota,
  run: async ({ caller, scope, params }, { records }) => {
    const { kind: ofWhat } = await quotaOf(records.store, scope, params.id)
    checkKind(caller, ofWhat)
    return viewOf(await removeQuota(records, scope, params.id))
  },
})

/** Else a tenant would set its own bounds. */
function checkKind(caller: Caller, ofWhat: Quota['kind']): void {
  if (ofWhat === 'tenant' && scopeOf(caller).kind === 'tenant')
    throw new RelayError(
      'RLY_FORBIDDEN',
      'the quota of a tenant needs a key or a person of the installation; those of streams and credentials do not',
    )
}

function usedViewOf({ quota: found, used }: QuotaView) {
  return { ...viewOf(found), used }
}

function viewOf(found: Quota) {
  return {
    id: quotaId(found),
    tenant: found.tenant as string,
    kind: found.kind,
    name: found.name,
    period: found.period,
    recipients: found.recipients,
    whenOver: found.whenOver,
    createdAt: timestampOf(found.createdAt),
  }
}
