// SPDX-License-Identifier: Apache-2.0
/**
 * DKIM keys: made here or taken over, sealed at rest, opened to sign. Two for each domain: RSA-2048, which all verify
 * (RFC 8301 §3.2), and Ed25519 beside it (RFC 8463).
 *
 * Selectors are short, for they travel in each message: the year and a letter, so that the age of a key can be seen and
 * the next one has a name.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import { parseDomain } from '../../protocol/mailbox.ts'
import type { SigningKey } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'

const RSA_BITS = 2_048
/** RFC 8301 §3.2: signers use at least 1,024 bits, and verifiers need not take more than 4,096. */
const FEWEST_RSA_BITS = 1_024
const MOST_RSA_BITS = 4_096
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Making keys reads and writes no records. */
type KeyMaking = Omit<RecordsContext, 'store'>

const generate = promisify(generateKeyPair)

/** Whose a key is. */
export type KeyOwner = Pick<SigningKey, 'tenant' | 'domain'>

/** An RSA and an Ed25519 key with selectors that are not in `taken`. */
export async function generateSigningKeys(
  context: KeyMaking,
  owner: KeyOwner,
  taken: readonly string[] = [],
): Promise<readonly SigningKey[]> {
  const [rsa, ed25519] = await Promise.all([
    generate('rsa', { modulusLength: RSA_BITS }),
    generate('ed25519'),
  ])
  const first = nextSelector(context, taken)
  const second = nextSelector(context, [...taken, first])
  return [
    sealedKey(context, { ...owner, selector: first, isProof: true }, rsa.privateKey),
    sealedKey(context, { ...owner, selector: second, isProof: true }, ed25519.privateKey),
  ]
}

/** A key that was made elsewhere: PEM of PKCS #8 or PKCS #1. Throws `RLY_RECORD_INVALID`. */
export function importSigningKey(
  context: KeyMaking,
  owner: KeyOwner,
  selector: string,
  pem: string,
): SigningKey {
  if (parseDomain(selector) !== selector)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `"${selector}" is no selector: expected lower-case letters, digits and hyphens, such as "mail2026"`,
    )
  return sealedKey(context, { ...owner, selector, isProof: false }, parsePem(pem))
}

/** What a private key is sealed for (`Keyring.seal`): it cannot be taken for another domain's. */
function signingKeyContext(key: Pick<SigningKey, 'domain' | 'selector'>): string {
  return `dkim:${key.selector}._domainkey.${key.domain}`
}

/** For signing; keep it, for opening costs more than a signature. Throws `RLY_KEY_FILE`. */
export function openSigningKey(keyring: Keyring, key: SigningKey): KeyObject {
  const der = keyring.open(key.sealedPrivateKey, signingKeyContext(key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

function nextSelector(context: KeyMaking, taken: readonly string[]): string {
  const year = new Date(context.clock.now()).getUTCFullYear()
  const free = [...LETTERS].filter((letter) => !taken.includes(`ph${year}${letter}`))
  const last = [...LETTERS].findLastIndex((letter) => taken.includes(`ph${year}${letter}`))
  // A letter that was used before may still be published, or remembered, with the key that it had.
  const fresh = free.find((letter) => LETTERS.indexOf(letter) > last) ?? free[0]
  if (fresh !== undefined) return `ph${year}${fresh}`
  throw new RelayError('RLY_RECORD_EXISTS', `the selectors of ${year} are used up; remove old keys`)
}

function sealedKey(
  context: KeyMaking,
  name: KeyOwner & Pick<SigningKey, 'selector' | 'isProof'>,
  privateKey: KeyObject,
): SigningKey {
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  const now = context.clock.now()
  return {
    ...name,
    algorithm: privateKey.asymmetricKeyType === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256',
    sealedPrivateKey: context.keyring.seal(der, signingKeyContext(name)),
    publicKey: publicKeyOf(privateKey),
    state: 'active',
    stateSince: now,
    seenAt: null,
    createdAt: now,
  }
}

/** The `p=` of the DNS record. */
function publicKeyOf(privateKey: KeyObject): string {
  const publicKey = createPublicKey(privateKey)
  if (publicKey.asymmetricKeyType === 'rsa')
    return publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
}

function parsePem(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (thrown) {
    // Not PEM, a public key, or one with a passphrase.
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `this is no private key in PEM without a passphrase: ${messageOf(thrown)}`,
      { cause: thrown },
    )
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType === 'ed25519') return key
  if (key.asymmetricKeyType !== 'rsa')
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `DKIM signs with RSA or Ed25519, and this is a key of type ${key.asymmetricKeyType}`,
    )
  if (bits < FEWEST_RSA_BITS || bits > MOST_RSA_BITS)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `an RSA key of ${bits} bits: receivers take ${FEWEST_RSA_BITS} to ${MOST_RSA_BITS} (RFC 8301), best ${RSA_BITS}`,
    )
  return key
}
