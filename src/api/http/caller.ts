// SPDX-License-Identifier: Apache-2.0
/** Who asks, and what that allows. `address`: of the client, without port. */
import { RelayError } from '../../base/errors.ts'
import type { ApiKey, KeyScope } from '../../records/records.ts'
import { installationScope, type TenantScope, tenantScope } from '../../records/tenant-scope.ts'

export type Caller =
  /** Who may open the control socket: the operator. */
  | { readonly kind: 'local'; readonly address: string }
  | { readonly kind: 'key'; readonly key: ApiKey; readonly address: string }

export const localCaller: Caller = { kind: 'local', address: '127.0.0.1' }

export function scopeOf(caller: Caller): TenantScope {
  if (caller.kind === 'local' || caller.key.tenant === null) return installationScope
  return tenantScope(caller.key.tenant)
}

/** Throws `RLY_FORBIDDEN`, and says what is missing. */
export function authorise(caller: Caller, needs: KeyScope, isForInstallation: boolean): void {
  if (caller.kind === 'local') return
  const { scopes, tenant } = caller.key
  if (isForInstallation && tenant !== null)
    throw new RelayError('RLY_FORBIDDEN', 'this needs a key of the installation, not of a tenant')
  if (!scopes.includes(needs) && !scopes.includes('admin'))
    throw new RelayError(
      'RLY_FORBIDDEN',
      `this needs a key with the scope "${needs}"; this one has ${scopes.map((scope) => `"${scope}"`).join(', ')}`,
    )
}

/** For the log and for what people did: never the secret. */
export function nameOf(caller: Caller): string {
  return caller.kind === 'local' ? 'local' : `key ${caller.key.id}`
}
