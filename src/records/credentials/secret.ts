// SPDX-License-Identifier: Apache-2.0
/**
 * The secret of a credential: `ph_<id>_<160 random bits>`. Found by its id, kept as SHA-256: a slow hash would cost a
 * login 20–100 ms and add nothing to 160 random bits. Case may be folded on its way.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { encodeCrockford } from '../../base/crockford.ts'
import type { Random } from '../../base/random.ts'
import type { CredentialId } from '../records.ts'

const ID_LETTERS = 10
/** Octets that make at least as many letters. */
const ID_OCTETS = 7
const SECRET_OCTETS = 20
const ID_FORM = /^(?:PH_)?([0-9A-HJKMNP-TV-Z]{10})$/
const FORM = /^PH_([0-9A-HJKMNP-TV-Z]{10})_[0-9A-HJKMNP-TV-Z]{32}$/

export interface Secret {
  readonly id: CredentialId
  /** Shown once. */
  readonly text: string
  readonly sha256: Buffer
}

export function newSecret(random: Random): Secret {
  const id = encodeCrockford(random.bytes(ID_OCTETS)).slice(0, ID_LETTERS) as CredentialId
  const text = `ph_${id}_${encodeCrockford(random.bytes(SECRET_OCTETS))}`
  return { id, text, sha256: digest(text.toUpperCase()) }
}

/** `null` where the text has not the form of a secret. */
export function parseSecret(text: string): Secret | null {
  const folded = text.toUpperCase()
  const id = FORM.exec(folded)?.[1]
  return id === undefined ? null : { id: id as CredentialId, text, sha256: digest(folded) }
}

/** As an id is printed, or with the `ph_` of a secret before it. */
export function parseCredentialId(text: string): CredentialId | null {
  const id = ID_FORM.exec(text.toUpperCase())?.[1]
  return id === undefined ? null : (id as CredentialId)
}

/** Compared with where there is no such credential, so that an unknown id costs the same. */
const NO_DIGEST = Buffer.alloc(32)

/** Whether `given` is the secret of a credential or key; of `null`, never. In constant time. */
export function isSecretOf(
  given: Secret,
  owner: { readonly secretSha256: Uint8Array } | null,
): boolean {
  const isSame = timingSafeEqual(given.sha256, owner?.secretSha256 ?? NO_DIGEST)
  return isSame && owner !== null
}

/** The id in what people have at hand: the id, a whole secret, or its beginning. */
export function idAtHand(text: string): string {
  return text.toUpperCase().replace(/^PH_([^_]*).*$/, '$1')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
