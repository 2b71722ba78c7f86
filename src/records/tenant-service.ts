// SPDX-License-Identifier: Apache-2.0
/** Tenants: whose mail it is. A new one has two streams, so that receipts never wait behind a campaign. */
import { RelayError } from '../base/errors.ts'
import { alreadyThere, listed, slugFor, unknownRecord } from './naming.ts'
import type { Person } from './people/person.ts'
import type { ApiKey, Credential, SendingDomain, Stream, Tenant } from './records.ts'
import type { RecordsContext } from './records-context.ts'
import type { Store } from './store.ts'
import { type RetrySchedules, usualStream } from './stream-defaults.ts'
import { reaches, type TenantScope, tenantScope } from './tenant-scope.ts'

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
  readonly apiKeys: readonly ApiKey[]
  readonly people: readonly Person[]
}

/** With the streams `transactional` (its default) and `bulk`. */
export async function addTenant(context: RecordsContext, input: NewTenant): Promise<TenantView> {
  const id = slugFor('tenant', input.id)
  const createdAt = context.clock.now()
  const tenant: Tenant = { id, name: input.name ?? id, createdAt }
  const streams = (['transactional', 'bulk'] as const).map(
    (kind): Stream => ({
      ...usualStream({ tenant: id, name: slugFor('stream', kind), kind }, input.retry, createdAt),
      isDefault: kind === 'transactional',
    }),
  )
  await context.store.transaction(async (store) => {
    const tenants = await store.tenants.list()
    if (tenants.some((other) => other.id === id)) throw alreadyThere(`tenant "${id}"`)
    await store.tenants.put(tenant)
    for (const stream of streams) await store.streams.put(stream)
  })
  return { tenant, streams, domains: [], credentials: [], apiKeys: [], people: [] }
}

export async function listTenants(store: Store, scope: TenantScope): Promise<readonly Tenant[]> {
  return (await store.tenants.list()).filter(({ id }) => reaches(scope, id))
}

export async function showTenant(
  store: Store,
  scope: TenantScope,
  id: string,
): Promise<TenantView> {
  const tenant = await tenantOf(store, await scopeWithin(store, scope, id))
  const [streams, domains, credentials, apiKeys, people] = await Promise.all([
    store.streams.list(),
    store.domains.list(),
    store.credentials.list(),
    store.apiKeys.list(),
    store.people.list(),
  ])
  const isIts = (record: { readonly tenant: string | null }) => record.tenant === tenant.id
  return {
    tenant,
    streams: streams.filter(isIts),
    domains: domains.filter(isIts),
    credentials: credentials.filter(isIts),
    apiKeys: apiKeys.filter(isIts),
    people: people.filter(isIts),
  }
}

export async function renameTenant(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
  /** `null`: it stays. */
  name: string | null,
): Promise<TenantView> {
  return context.store.transaction(async (store) => {
    const { tenant } = await showTenant(store, scope, id)
    await store.tenants.put({ ...tenant, name: name ?? tenant.name })
    return showTenant(store, scope, id)
  })
}

/** Its streams go with it. */
export async function removeTenant(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<Tenant> {
  return context.store.transaction(async (store) => {
    const { tenant, domains, credentials, apiKeys, people } = await showTenant(store, scope, id)
    const left = [
      ...namesOf(
        'domains',
        domains.map(({ name }) => name),
      ),
      ...namesOf(
        'credentials',
        credentials.map((credential) => credential.id),
      ),
      ...namesOf(
        'keys',
        apiKeys.map((key) => key.id),
      ),
      ...namesOf(
        'people',
        people.map(({ email }) => email),
      ),
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

function namesOf(what: string, names: readonly string[]): readonly string[] {
  return names.length > 0 ? [`${what} ${listed(names)}`] : []
}

/** The scope's tenant; of the installation the only one that there is. */
export async function tenantOf(store: Store, scope: TenantScope): Promise<Tenant> {
  const tenants = await listTenants(store, scope)
  const [only] = tenants
  if (tenants.length === 1 && only) return only
  if (scope.kind === 'tenant') throw unknownRecord('tenant', scope.tenant, [])
  throw new RelayError(
    'RLY_RECORD_INVALID',
    only
      ? `say which tenant: ${listed(tenants.map(({ id }) => id))}`
      : 'there is no tenant yet; add one first',
  )
}

/** `scope` narrowed to the tenant of that id; `null` leaves it as it is. */
export async function scopeWithin(
  store: Store,
  scope: TenantScope,
  id: string | null,
): Promise<TenantScope> {
  if (id === null) return scope
  const ids = (await listTenants(store, scope)).map((tenant) => tenant.id)
  const found = ids.find((other) => other === id.toLowerCase())
  if (found === undefined) throw unknownRecord('tenant', id, ids)
  return tenantScope(found)
}
