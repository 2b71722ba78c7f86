// SPDX-License-Identifier: Apache-2.0
/** Credentials: with what applications authenticate. The secret is shown once and never kept. */
import { unknownRecord } from '../naming.ts'
import type { Credential } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { showStream } from '../stream-service.ts'
import { reaches, type TenantScope, tenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import { sealScram } from './scram-secret.ts'
import { idAtHand, newSecret } from './secret.ts'

export interface NewCredential {
  /** For people: which application has it. */
  readonly label: string
  /** `null`: the tenant's default stream. */
  readonly stream: string | null
  /** SCRAM-SHA-256 too: more is kept of the secret. */
  readonly withScram: boolean
  readonly isSandbox: boolean
}

export async function addCredential(
  context: RecordsContext,
  scope: TenantScope,
  input: NewCredential,
): Promise<{ readonly credential: Credential; readonly secret: string }> {
  const secret = newSecret(context.random)
  return context.store.transaction(async (store) => {
    const tenant = await tenantOf(store, scope)
    const stream =
      input.stream === null
        ? null
        : (await showStream(store, tenantScope(tenant.id), input.stream)).name
    const credential: Credential = {
      id: secret.id,
      tenant: tenant.id,
      label: input.label,
      stream,
      secretSha256: secret.sha256,
      sealedScram: input.withScram
        ? sealScram(secret.id, secret.text, context.keyring, context.random)
        : null,
      isSandbox: input.isSandbox,
      isDisabled: false,
      createdAt: context.clock.now(),
    }
    await store.credentials.put(credential)
    return { credential, secret: secret.text }
  })
}

export async function listCredentials(
  store: Store,
  scope: TenantScope,
): Promise<readonly Credential[]> {
  return (await store.credentials.list()).filter(({ tenant }) => reaches(scope, tenant))
}

export async function showCredential(
  store: Store,
  scope: TenantScope,
  id: string,
): Promise<Credential> {
  const credentials = await listCredentials(store, scope)
  const wanted = idAtHand(id)
  const found = credentials.find((credential) => credential.id === wanted)
  if (found) return found
  throw unknownRecord(
    'credential',
    wanted,
    credentials.map((credential) => credential.id),
  )
}

/** What is undefined stays; a `null` stream is the tenant's default. */
export interface CredentialChanges {
  readonly label?: string | undefined
  readonly stream?: string | null | undefined
  readonly isSandbox?: boolean | undefined
  readonly isDisabled?: boolean | undefined
}

export async function changeCredential(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
  { label, stream, isSandbox, isDisabled }: CredentialChanges,
): Promise<Credential> {
  return context.store.transaction(async (store) => {
    const before = await showCredential(store, scope, id)
    const named =
      typeof stream === 'string'
        ? (await showStream(store, tenantScope(before.tenant), stream)).name
        : null
    const changed: Credential = {
      ...before,
      label: label ?? before.label,
      stream: stream === undefined ? before.stream : named,
      isSandbox: isSandbox ?? before.isSandbox,
      isDisabled: isDisabled ?? before.isDisabled,
    }
    await store.credentials.put(changed)
    return changed
  })
}

export async function removeCredential(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<Credential> {
  return context.store.transaction(async (store) => {
    const credential = await showCredential(store, scope, id)
    await store.credentials.remove(credential.id)
    await store.lastUses.remove(credential.id)
    return credential
  })
}
