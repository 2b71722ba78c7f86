// SPDX-License-Identifier: Apache-2.0
/** Keys of the HTTP API. The secret is shown once and never kept. */
import { BlockList } from 'node:net'
import { type DurationMs, type Instant, plus } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { unknownRecord } from '../naming.ts'
import type { ApiKey, ApiKeyId, KeyScope } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { reaches, type TenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import { idAtHand, newSecret } from './secret.ts'

export interface NewApiKey {
  /** For people: which program has it. */
  readonly label: string
  readonly scopes: readonly KeyScope[]
  /** Networks in CIDR form; empty: from anywhere. */
  readonly allowedFrom: readonly string[]
  readonly expiresAt: Instant | null
  /** A key of the installation, which reaches every tenant: only the installation makes one. */
  readonly ofInstallation: boolean
}

export interface MadeApiKey {
  readonly key: ApiKey
  /** Shown once. */
  readonly secret: string
}

export async function addApiKey(
  context: RecordsContext,
  scope: TenantScope,
  input: NewApiKey,
): Promise<MadeApiKey> {
  checkNewKey(scope, input, context.clock.now())
  const secret = newSecret(context.random)
  return context.store.transaction(async (store) => {
    const key: ApiKey = {
      id: secret.id as string as ApiKeyId,
      tenant: input.ofInstallation ? null : (await tenantOf(store, scope)).id,
      label: input.label,
      scopes: [...new Set(input.scopes)].sort(),
      allowedFrom: input.allowedFrom,
      expiresAt: input.expiresAt,
      secretSha256: secret.sha256,
      createdAt: context.clock.now(),
    }
    await store.apiKeys.put(key)
    return { key, secret: secret.text }
  })
}

export async function listApiKeys(store: Store, scope: TenantScope): Promise<readonly ApiKey[]> {
  return (await store.apiKeys.list()).filter(({ tenant }) => reaches(scope, tenant))
}

export async function showApiKey(store: Store, scope: TenantScope, id: string): Promise<ApiKey> {
  const keys = await listApiKeys(store, scope)
  const wanted = idAtHand(id)
  const found = keys.find((key) => key.id === wanted)
  if (found) return found
  throw unknownRecord(
    'key',
    wanted,
    keys.map((key) => key.id),
  )
}

/** What is undefined stays; a `null` expiry is none. Whose key it is never changes. */
export interface ApiKeyChanges {
  readonly label?: string | undefined
  readonly scopes?: readonly KeyScope[] | undefined
  readonly allowedFrom?: readonly string[] | undefined
  readonly expiresAt?: Instant | null | undefined
}

export async function changeApiKey(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
  changes: ApiKeyChanges,
): Promise<ApiKey> {
  return context.store.transaction(async (store) => {
    const before = await showApiKey(store, scope, id)
    const { label, scopes, allowedFrom, expiresAt } = changes
    const changed: ApiKey = {
      ...before,
      label: label ?? before.label,
      scopes: [...new Set(scopes ?? before.scopes)].sort(),
      allowedFrom: allowedFrom ?? before.allowedFrom,
      expiresAt: expiresAt === undefined ? before.expiresAt : expiresAt,
    }
    const isNew = expiresAt !== undefined
    checkTerms({ ...changed, expiresAt: isNew ? changed.expiresAt : null }, context.clock.now())
    await store.apiKeys.put(changed)
    return changed
  })
}

/** A new key for the same; the one before is good for `overlap` more, or until it expires anyway. */
export async function rotateApiKey(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
  overlap: DurationMs,
): Promise<MadeApiKey> {
  const secret = newSecret(context.random)
  return context.store.transaction(async (store) => {
    const before = await showApiKey(store, scope, id)
    const now = context.clock.now()
    if (before.expiresAt !== null && before.expiresAt <= now)
      throw invalid('this key has expired: add a new one')
    const end = plus(now, overlap)
    const isSooner = before.expiresAt !== null && before.expiresAt < end
    await store.apiKeys.put({ ...before, expiresAt: isSooner ? before.expiresAt : end })
    const key: ApiKey = {
      ...before,
      id: secret.id as string as ApiKeyId,
      secretSha256: secret.sha256,
      createdAt: now,
    }
    await store.apiKeys.put(key)
    return { key, secret: secret.text }
  })
}

export async function removeApiKey(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<ApiKey> {
  return context.store.transaction(async (store) => {
    const key = await showApiKey(store, scope, id)
    await store.apiKeys.remove(key.id)
    await store.lastUses.remove(key.id)
    return key
  })
}

function checkNewKey(scope: TenantScope, input: NewApiKey, now: Instant): void {
  if (input.ofInstallation && scope.kind !== 'installation')
    throw invalid('a tenant cannot make a key of the installation')
  checkTerms(input, now)
}

function checkTerms(
  input: Pick<NewApiKey, 'scopes' | 'expiresAt' | 'allowedFrom'>,
  now: Instant,
): void {
  if (input.scopes.length === 0) throw invalid('a key without a scope can do nothing: name one')
  if (input.expiresAt !== null && input.expiresAt <= now)
    throw invalid('the key would have expired already')
  for (const network of input.allowedFrom) checkNetwork(network)
}

function checkNetwork(network: string): void {
  const [address = '', prefix = ''] = network.split('/')
  try {
    new BlockList().addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4')
    if (/^\d{1,3}$/.test(prefix)) return
  } catch {
    // No address, or a prefix that is too long: said below.
  }
  throw invalid(`"${network}" is no network: expected one such as "192.0.2.0/24"`)
}

function invalid(text: string): RelayError {
  return new RelayError('RLY_RECORD_INVALID', text)
}
