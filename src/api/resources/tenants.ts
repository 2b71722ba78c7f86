// SPDX-License-Identifier: Apache-2.0
/** `/tenants`: whose mail it is. */
import { z } from 'zod'
import { timestampOf } from '../../events/event.ts'
import type { Tenant } from '../../records/records.ts'
import {
  addTenant,
  listTenants,
  removeTenant,
  renameTenant,
  showTenant,
  type TenantView,
} from '../../records/tenant-service.ts'
import { timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'

const tenant = z.object({ id: z.string(), name: z.string(), createdAt: timestamp })

const tenantWithParts = tenant.extend({
  streams: z.array(z.string()),
  defaultStream: z.string().nullable(),
  domains: z.array(z.string()),
  credentials: z.array(z.string()),
  keys: z.array(z.string()),
})

export type TenantAnswer = z.infer<typeof tenant>
export type TenantWholeAnswer = z.infer<typeof tenantWithParts>

const byId = z.strictObject({ id: z.string() })

export const list = route({
  id: 'tenants.list',
  method: 'GET',
  path: '/tenants',
  summary: 'Lists tenants.',
  needs: 'read',
  query: z.strictObject({ ...pageQuery, sort: sortBy(['id', 'name', 'createdAt']) }),
  answer: pageOf(tenant),
  run: async ({ scope, query }, { records }) =>
    paged((await listTenants(records.store, scope)).map(viewOf), ({ id }) => id, query),
})

export const show = route({
  id: 'tenants.show',
  method: 'GET',
  path: '/tenants/{id}',
  summary: 'Shows a tenant and the names of all that is its own.',
  needs: 'read',
  params: byId,
  answer: tenantWithParts,
  run: async ({ scope, params }, { records }) =>
    wholeViewOf(await showTenant(records.store, scope, params.id)),
})

export const add = route({
  id: 'tenants.add',
  method: 'POST',
  path: '/tenants',
  summary: 'Adds a tenant, with the streams "transactional" (its default) and "bulk".',
  needs: 'admin',
  isForInstallation: true,
  body: z.strictObject({
    id: z.string().meta({ description: 'Lower-case letters, digits and hyphens, at most 32.' }),
    name: z.string().max(200).nullable().default(null).meta({ description: 'For people.' }),
  }),
  answer: tenant,
  status: 201,
  run: async ({ body }, { records, retry }) =>
    viewOf((await addTenant(records, { ...body, retry: retry() })).tenant),
})

export const change = route({
  id: 'tenants.change',
  method: 'PATCH',
  path: '/tenants/{id}',
  summary: 'Changes what people call a tenant. What is not given stays.',
  needs: 'admin',
  params: byId,
  body: z.strictObject({ name: z.string().min(1).max(200).optional() }),
  answer: tenantWithParts,
  run: async ({ scope, params, body }, { records }) =>
    wholeViewOf(await renameTenant(records, scope, params.id, body.name ?? null)),
})

export const remove = route({
  id: 'tenants.remove',
  method: 'DELETE',
  path: '/tenants/{id}',
  summary: 'Removes a tenant that has no domains, credentials and keys any more.',
  needs: 'admin',
  isForInstallation: true,
  params: byId,
  answer: tenant,
  run: async ({ scope, params }, { records }) =>
    viewOf(await removeTenant(records, scope, params.id)),
})

function viewOf({ id, name, createdAt }: Tenant) {
  return { id: id as string, name, createdAt: timestampOf(createdAt) }
}

function wholeViewOf({ tenant: found, streams, domains, credentials, apiKeys }: TenantView) {
  return {
    ...viewOf(found),
    streams: streams.map(({ name }) => name as string),
    defaultStream: streams.find(({ isDefault }) => isDefault)?.name ?? null,
    domains: domains.map(({ name }) => name as string),
    credentials: credentials.map(({ id }) => id as string),
    keys: apiKeys.map(({ id }) => id as string),
  }
}
