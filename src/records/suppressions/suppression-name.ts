// SPDX-License-Identifier: Apache-2.0
/**
 * What an entry is called outside. Its number counts over all tenants, so nobody is shown it: its name is made of what makes an
 * entry the same as another, and an entry that is removed and made again has the same one.
 */
import { createHash } from 'node:crypto'
import { decodeCrockford, encodeCrockford } from '../../base/crockford.ts'
import { ADDRESS_HASH_OCTETS } from '../../protocol/address-hash.ts'
import type { Suppression } from './suppression.ts'

/** Only the few entries of one address are told apart by them. */
const DIGEST_OCTETS = 8
const LETTERS = 26

/** The hash of the address, then the first octets of the SHA-256 of scope and reason: 26 letters of Crockford's base 32. */
export function suppressionName({
  addressHash,
  reason,
  scope,
}: Pick<Suppression, 'addressHash' | 'reason' | 'scope'>): string {
  const digest = createHash('sha256').update(`${scope.kind}\0${scope.name}\0${reason}`).digest()
  return encodeCrockford(Buffer.concat([addressHash, digest.subarray(0, DIGEST_OCTETS)]))
}

/** Of which address an entry of this name is; `null`: it is no name. Case does not count. */
export function addressHashIn(name: string): Uint8Array | null {
  const octets = name.length === LETTERS ? decodeCrockford(name) : null
  return octets === null ? null : octets.subarray(0, ADDRESS_HASH_OCTETS)
}
