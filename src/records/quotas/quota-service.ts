// SPDX-License-Identifier: Apache-2.0
/** Quotas: set, listed with what was used of them, removed. */
import { RelayError } from '../../base/errors.ts'
import { quotaLimits } from '../../base/limits/quota-limits.ts'
import { listApiKeys } from '../credentials/api-key-service.ts'
import { showCredential } from '../credentials/credential-service.ts'
import { idAtHand } from '../credentials/secret.ts'
import { unknownRecord } from '../naming.ts'
import type { Slug } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { showStream } from '../stream-service.ts'
import { reaches, type TenantScope, tenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import { periodOf, type Quota, type QuotaKind, type QuotaPeriod, quotaId } from './quota.ts'

export interface NewQuota {
  readonly kind: QuotaKind
  /** Of the stream or credential; `null` where it is the tenant's. */
  readonly name: string | null
  readonly period: QuotaPeriod
  readonly recipients: number
  readonly whenOver: Quota['whenOver']
}

export interface QuotaView {
  readonly quota: Quota
  /** Recipients in the period that is now; those of the last second may be missing. */
  readonly used: number
}

/** Takes the place of one for the same and the same period. */
export async function setQuota(
  context: RecordsContext,
  scope: TenantScope,
  { kind, name, period, recipients, whenOver }: NewQuota,
): Promise<Quota> {
  if (!Number.isSafeInteger(recipients) || recipients < 1)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `a quota of ${recipients} cannot be: expected at least 1 recipient; to stop mail, disable its credential`,
    )
  return context.store.transaction(async (store) => {
    const { id: tenant } = await tenantOf(store, scope)
    const quota: Quota = {
      tenant,
      kind,
      name: await subjectName(store, tenant, kind, name),
      period,
      recipients,
      whenOver,
      createdAt: context.clock.now(),
    }
    const others = (await store.quotas.list()).filter(
      (other) => other.tenant === tenant && quotaId(other) !== quotaId(quota),
    )
    if (others.length >= quotaLimits.perTenant)
      throw new RelayError(
        'RLY_RECORD_INVALID',
        `tenant "${tenant}" has ${others.length} quotas, and may not have more`,
      )
    await store.quotas.put(quota)
    return quota
  })
}

export async function listQuotas(
  { clock, store }: RecordsContext,
  scope: TenantScope,
): Promise<readonly QuotaView[]> {
  const quotas = (await store.quotas.list()).filter(({ tenant }) => reaches(scope, tenant))
  return withUsage({ clock, store }, quotas)
}

export async function showQuota(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<QuotaView> {
  const quota = await quotaOf(context.store, scope, id)
  const [view] = await withUsage(context, [quota])
  return view ?? { quota, used: 0 }
}

async function withUsage(
  { clock, store }: Pick<RecordsContext, 'clock' | 'store'>,
  quotas: readonly Quota[],
): Promise<readonly QuotaView[]> {
  const now = clock.now()
  const usage = await store.quotaUsage.list(periodOf('month', now).startsAt)
  const used = new Map(
    usage.map((one) => [`${one.tenant} ${quotaId(one)} ${one.startedAt}`, one.recipients]),
  )
  return quotas.map((quota) => {
    const { startsAt } = periodOf(quota.period, now)
    return { quota, used: used.get(`${quota.tenant} ${quotaId(quota)} ${startsAt}`) ?? 0 }
  })
}

/** `id`: as `quotaId` makes it. */
export async function quotaOf(store: Store, scope: TenantScope, id: string): Promise<Quota> {
  const { id: tenant } = await tenantOf(store, scope)
  const own = (await store.quotas.list()).filter((quota) => quota.tenant === tenant)
  const found = own.find((quota) => quotaId(quota) === id)
  if (found) return found
  throw unknownRecord('quota', id, own.map(quotaId))
}

/** What was counted counts on. What is not given stays. */
export async function changeQuota(
  { store: records }: RecordsContext,
  scope: TenantScope,
  id: string,
  changed: {
    readonly recipients?: number | undefined
    readonly whenOver?: Quota['whenOver'] | undefined
  },
): Promise<Quota> {
  return records.transaction(async (store) => {
    const before = await quotaOf(store, scope, id)
    const quota = {
      ...before,
      recipients: changed.recipients ?? before.recipients,
      whenOver: changed.whenOver ?? before.whenOver,
    }
    await store.quotas.put(quota)
    return quota
  })
}

export async function removeQuota(
  { store: records }: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<Quota> {
  return records.transaction(async (store) => {
    const quota = await quotaOf(store, scope, id)
    await store.quotas.remove(quota)
    return quota
  })
}

async function subjectName(
  store: Store,
  tenant: Slug,
  kind: QuotaKind,
  name: string | null,
): Promise<string> {
  if (kind === 'tenant') return tenant
  const scope = tenantScope(tenant)
  if (name === null)
    throw new RelayError('RLY_RECORD_INVALID', `say which ${kind} the quota is for`)
  if (kind === 'stream') return (await showStream(store, scope, name)).name
  const keys = await listApiKeys(store, scope)
  return (
    keys.find(({ id }) => id === idAtHand(name))?.id ??
    (await showCredential(store, scope, name)).id
  )
}
