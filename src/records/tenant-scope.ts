// SPDX-License-Identifier: Apache-2.0
/**
 * Whose records a caller may reach. Services take a scope with every request, so that one tenant's records cannot be
 * reached, nor told from missing ones, with another tenant's key.
 */
import type { Slug } from './records.ts'

export type TenantScope =
  | { readonly kind: 'installation' }
  | { readonly kind: 'tenant'; readonly tenant: Slug }

/** The operator's: all tenants. */
export const installationScope: TenantScope = { kind: 'installation' }

export function tenantScope(tenant: Slug): TenantScope {
  return { kind: 'tenant', tenant }
}

/** `null` is what belongs to the installation itself. */
export function reaches(scope: TenantScope, tenant: string | null): boolean {
  return scope.kind === 'installation' || scope.tenant === tenant
}
