// SPDX-License-Identifier: Apache-2.0
/** Tenants: whose mail it is. A new one has two streams, so that receipts never wait behind a campaign. */
import { RelayError } from '../base/errors.ts'
import { alreadyThere, listed, slugFor, unknownRecord } from './naming.ts'
import type { Credential, SendingDomain, Slug, Stream, Tenant } from './records.ts'
import type { RecordsContext } from './records-context.ts'
import type { Store } from './store.ts'
import { type RetrySchedules, streamPolicies, streamPriorities } from './stream-defaults.ts'

export interface NewTenant {
  readonly id: string
  /** For people; by default the id. */
  readonly name: string | null
  /** What its streams start with. */
  readonly retry: RetrySchedules
}

/** A tenant with all that is its own. */
export interface TenantView {
  readonly tenant: Tenant
  readonly streams: readonly Stream[]
  readonly domains: readonly SendingDomain[]
  readonly credentials: readonly Credential[]
}

/** With the streams `transactional` (its default) and `bulk`. */
export async function addTenant(context: RecordsContext, input: NewTenant): Promise<TenantView> {
  const id = slugFor('tenant', input.id)
  const createdAt = context.clock.now()
  const tenant: Tenant = { id, name: input.name ?? id, createdAt }
  const streams = (['transactional', 'bulk'] as const).map(
    (kind): Stream => ({
      tenant: id,
      name: slugFor('stream', kind),
      kind,
      priority: streamPriorities[kind],
      pool: 'default',
      retryAfter: input.retry[kind].after,
      expiresAfter: input.retry[kind].expiresAfter,
      mayShareTransaction: false,
      ...streamPolicies(kind),
      isDefault: kind === 'transactional',
      createdAt,
    }),
  )
  await context.store.transaction(async (store) => {
    const tenants = await store.tenants.list()
    if (tenants.some((other) => other.id === id)) throw alreadyThere(`tenant "${id}"`)
    await store.tenants.put(tenant)
    for (const stream of streams) await store.streams.put(stream)
  })
  return { tenant, streams, domains: [], credentials: [] }
}

export async function showTenant(store: Store, id: string): Promise<TenantView> {
  const tenant = await tenantNamed(store, id)
  const [streams, domains, credentials] = await Promise.all([
    store.streams.list(),
    store.domains.list(),
    store.credentials.list(),
  ])
  return {
    tenant,
    streams: streams.filter((stream) => stream.tenant === tenant.id),
    domains: domains.filter((domain) => domain.tenant === tenant.id),
    credentials: credentials.filter((credential) => credential.tenant === tenant.id),
  }
}

/** Its streams go with it. */
export async function removeTenant(context: RecordsContext, id: string): Promise<Tenant> {
  return context.store.transaction(async (store) => {
    const { tenant, domains, credentials } = await showTenant(store, id)
    const left = [
      ...(domains.length > 0 ? [`domains ${listed(domains.map(({ name }) => name))}`] : []),
      ...(credentials.length > 0
        ? [`credentials ${listed(credentials.map((credential) => credential.id))}`]
        : []),
    ]
    if (left.length > 0)
      throw new RelayError(
        'RLY_RECORD_IN_USE',
        `tenant "${tenant.id}" still has ${left.join(' and ')}; remove them first`,
      )
    await store.tenants.remove(tenant.id)
    return tenant
  })
}

/** The tenant of that id; `null` means the only one that there is. */
export async function tenantNamed(store: Store, id: string | null): Promise<Tenant> {
  const tenants = await store.tenants.list()
  const ids: readonly Slug[] = tenants.map((tenant) => tenant.id)
  const [only] = tenants
  if (id === null && tenants.length === 1 && only) return only
  if (id === null)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      only ? `say which tenant: ${listed(ids)}` : 'there is no tenant yet; add one first',
    )
  const found = tenants.find((tenant) => tenant.id === id.toLowerCase())
  if (!found) throw unknownRecord('tenant', id, ids)
  return found
}
