// SPDX-License-Identifier: Apache-2.0
/**
 * Whose key a request brings: `Authorization: Bearer ph_…` (RFC 6750 §2.1). A missing, unknown, wrong, expired or misplaced
 * key gets the same answer, at the same cost.
 */
import { isIPv6 } from 'node:net'
import type { Instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { isSecretOf, parseSecret } from '../../records/credentials/secret.ts'
import type { Directory } from '../../records/directory.ts'
import type { ApiKey, ApiKeyId } from '../../records/records.ts'
import { PeerNetworks, type PeerPrefix } from '../../smtp/peer-networks.ts'
import type { Caller } from './caller.ts'

export interface Credentials {
  readonly authorization: string | undefined
  /** Of the client, without port. */
  readonly address: string
}

/** Throws `RLY_UNAUTHENTICATED`. */
export function authenticate(
  { authorization, address }: Credentials,
  directory: Directory,
  now: Instant,
): Caller {
  if (authorization === undefined)
    throw unauthenticated('a key is wanted (Authorization: Bearer ph_…), or a login')
  const given = parseSecret(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '')
  const key = given === null ? null : (directory.apiKeys.get(asKeyId(given.id)) ?? null)
  const isRight = given !== null && isSecretOf(given, key)
  if (key === null || !isRight || !isUsable(key, address, now))
    throw unauthenticated('this key is not good here: unknown, expired, or for other addresses')
  return { kind: 'key', key, address }
}

/** Which key it would be; `null` where it has not the form of one. */
export function keyIdIn(authorization: string): string | null {
  return parseSecret(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '')?.id ?? null
}

/** Whether a caller who was let in would be let in now: its key may have been removed, or have expired. */
export function isStillGood(caller: Caller, directory: Directory, now: Instant): boolean {
  if (caller.kind !== 'key') return true
  const key = directory.apiKeys.get(caller.key.id)
  return key !== undefined && isUsable(key, caller.address, now)
}

function isUsable(key: ApiKey, address: string, now: Instant): boolean {
  if (key.expiresAt !== null && key.expiresAt <= now) return false
  return key.allowedFrom.length === 0 || isWithin(address, key.allowedFrom)
}

function isWithin(address: string, networks: readonly string[]): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  return new PeerNetworks(networks.map(prefixOf)).has(plain)
}

function prefixOf(network: string): PeerPrefix {
  const [address = '', prefix = ''] = network.split('/')
  return { address, prefix: Number(prefix), family: isIPv6(address) ? 6 : 4 }
}

function asKeyId(id: string): ApiKeyId {
  return id as ApiKeyId
}

function unauthenticated(why: string): RelayError {
  return new RelayError('RLY_UNAUTHENTICATED', why)
}
