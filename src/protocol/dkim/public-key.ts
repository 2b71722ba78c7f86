// SPDX-License-Identifier: Apache-2.0
/** The key record of a selector, RFC 6376 §3.6.1 and RFC 8463 §4: what may verify signatures, and which. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { tagsOf } from './tag-list.ts'

export interface VerifyingKey {
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256'
  readonly key: KeyObject
  /** `t=s`: signatures may name no domain below (`i=`). */
  readonly isStrict: boolean
}

/** `weak`: RFC 8301 §3.2. `unusable`: of another kind, for other things, or broken. */
export type KeyReading = VerifyingKey | 'revoked' | 'weak' | 'unusable'

/** Under 1,024 bits a key can be broken; over 4,096 nobody has to verify, and it takes its time. */
const RSA_BITS = { least: 1_024, most: 4_096 }
/** A larger exponent makes verifying as slow as signing. */
const LARGEST_EXPONENT = 0xffffffffn
const ED25519_OCTETS = 32

export function readKeyRecord(text: string): KeyReading {
  const tags = tagsOf(text)
  if (tags === null) return 'unusable'
  const listed = (name: string): readonly string[] | undefined =>
    tags
      .get(name)
      ?.split(':')
      .map((word) => word.trim().toLowerCase())
  const isForMail = listed('s')?.some((word) => word === '*' || word === 'email') ?? true
  const isForSha256 = listed('h')?.includes('sha256') ?? true
  const value = tags.get('p')
  if (value === undefined || !isForMail || !isForSha256 || (tags.get('v') ?? 'DKIM1') !== 'DKIM1')
    return 'unusable'
  if (value === '') return 'revoked'
  const octets = Buffer.from(value.replaceAll(/\s/g, ''), 'base64')
  const key =
    (tags.get('k') ?? 'rsa').toLowerCase() === 'rsa' ? rsaKey(octets) : edKey(tags, octets)
  return typeof key === 'string' ? key : { ...key, isStrict: listed('t')?.includes('s') ?? false }
}

function rsaKey(octets: Buffer): Omit<VerifyingKey, 'isStrict'> | 'weak' | 'unusable' {
  // Most records have the key with its algorithm around it, as OpenSSL writes it; RFC 6376 says without.
  const key = derKey(octets, 'spki') ?? derKey(octets, 'pkcs1')
  const { modulusLength = 0, publicExponent = 0n } = key?.asymmetricKeyDetails ?? {}
  if (key?.asymmetricKeyType !== 'rsa' || publicExponent > LARGEST_EXPONENT) return 'unusable'
  if (modulusLength < RSA_BITS.least) return 'weak'
  return modulusLength > RSA_BITS.most ? 'unusable' : { algorithm: 'rsa-sha256', key }
}

function edKey(
  tags: ReadonlyMap<string, string>,
  octets: Buffer,
): Omit<VerifyingKey, 'isStrict'> | 'unusable' {
  if (tags.get('k')?.toLowerCase() !== 'ed25519' || octets.length !== ED25519_OCTETS)
    return 'unusable'
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: octets.toString('base64url') }
  return { algorithm: 'ed25519-sha256', key: createPublicKey({ key: jwk, format: 'jwk' }) }
}

function derKey(key: Buffer, type: 'spki' | 'pkcs1'): KeyObject | null {
  try {
    return createPublicKey({ key, format: 'der', type })
  } catch {
    // No such structure: what OpenSSL says of it helps nobody.
    return null
  }
}
