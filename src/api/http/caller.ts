// SPDX-License-Identifier: Apache-2.0
/** Who asks, and what that allows: the one place where keys, people and the command line get their rights. `address`: of the client, without port. */
import { RelayError } from '../../base/errors.ts'
import type { LoggedInPerson } from '../../control/people/person-sessions.ts'
import { scopesOfRole } from '../../records/people/role.ts'
import type { ApiKey, KeyScope, Slug } from '../../records/records.ts'
import { installationScope, type TenantScope, tenantScope } from '../../records/tenant-scope.ts'

export type Caller =
  /** Who may open the control socket: the operator. */
  | { readonly kind: 'local'; readonly address: string }
  | { readonly kind: 'key'; readonly key: ApiKey; readonly address: string }
  | { readonly kind: 'person'; readonly own: LoggedInPerson; readonly address: string }
  /** Who has not said who they are; reaches what needs nothing alone. */
  | { readonly kind: 'nobody'; readonly address: string }

/** What a route asks of its caller: a scope, to be logged in as a person, or nothing. */
export type Needs = KeyScope | 'login' | 'nothing'

export const localCaller: Caller = { kind: 'local', address: '127.0.0.1' }

interface Grant {
  readonly scopes: readonly KeyScope[]
  /** `null`: the installation, which reaches every tenant. */
  readonly tenant: Slug | null
}

/** `null`: nothing at all. */
function grantOf(caller: Caller): Grant | null {
  switch (caller.kind) {
    case 'local':
      return { scopes: ['admin'], tenant: null }
    case 'key':
      return caller.key
    case 'person':
      return {
        scopes: scopesOfRole[caller.own.person.role],
        tenant: caller.own.person.tenant,
      }
    case 'nobody':
      return null
  }
}

/** Of a caller whom `authorise` let pass; what needs nothing reaches nothing by it. */
export function scopeOf(caller: Caller): TenantScope {
  const tenant = grantOf(caller)?.tenant ?? null
  return tenant === null ? installationScope : tenantScope(tenant)
}

/** Throws `RLY_FORBIDDEN`, and says what is missing; `RLY_UNAUTHENTICATED`. */
export function authorise(caller: Caller, needs: Needs, isForInstallation: boolean): void {
  if (needs === 'nothing') return
  const grant = grantOf(caller)
  if (grant === null) throw new RelayError('RLY_UNAUTHENTICATED', 'a key or a login is wanted')
  if (needs === 'login') {
    if (caller.kind === 'person') return
    throw new RelayError('RLY_FORBIDDEN', 'this is for people who are logged in, not for keys')
  }
  const who = caller.kind === 'person' ? 'a person' : 'a key'
  if (isForInstallation && grant.tenant !== null)
    throw new RelayError('RLY_FORBIDDEN', `this needs ${who} of the installation, not of a tenant`)
  if (!grant.scopes.includes(needs) && !grant.scopes.includes('admin'))
    throw new RelayError('RLY_FORBIDDEN', lackOf(caller, needs, grant))
}

function lackOf(caller: Caller, needs: KeyScope, { scopes }: Grant): string {
  const quoted = scopes.map((scope) => `"${scope}"`).join(', ')
  return caller.kind === 'person'
    ? `this needs a role with the scope "${needs}"; the role "${caller.own.person.role}" has ${quoted}`
    : `this needs a key with the scope "${needs}"; this one has ${quoted}`
}

/** For the log, and to tell callers apart: never the secret. */
export function nameOf(caller: Caller): string {
  switch (caller.kind) {
    case 'local':
      return 'local'
    case 'key':
      return `key ${caller.key.id}`
    case 'person':
      return `person ${caller.own.person.id}`
    case 'nobody':
      return `nobody from ${caller.address}`
  }
}
