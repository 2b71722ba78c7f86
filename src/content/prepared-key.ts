// SPDX-License-Identifier: Apache-2.0
/** A signing key that is ready for use: opened and parsed once, never per message. */
import type { KeyObject } from 'node:crypto'
import { RelayError } from '../base/errors.ts'
import type { Keyring } from '../base/keyring.ts'
import {
  type Folded,
  type SigningAlgorithm,
  signatureHead,
} from '../protocol/dkim/signature-field.ts'
import type { Domain } from '../protocol/mailbox.ts'
import { openSigningKey } from '../records/domains/signing-keys.ts'
import type { SigningKey } from '../records/records.ts'

export interface PreparedKey {
  readonly domain: Domain
  readonly selector: string
  readonly algorithm: SigningAlgorithm
  readonly privateKey: KeyObject
  /** The part of the signature field that depends on the key alone. */
  readonly head: Folded
}

const keyTypes = { 'rsa-sha256': 'rsa', 'ed25519-sha256': 'ed25519' } as const

/** Throws `RLY_KEY_FILE` where the keyring did not seal it, `RLY_RECORD_INVALID` where it is a key of another kind. */
export function prepareKey(record: SigningKey, keyring: Keyring): PreparedKey {
  const { domain, selector, algorithm } = record
  const privateKey = openSigningKey(keyring, record)
  if (privateKey.asymmetricKeyType !== keyTypes[algorithm])
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `the key ${selector}._domainkey.${domain} is ${privateKey.asymmetricKeyType}, not ${algorithm}`,
    )
  return {
    domain,
    selector,
    algorithm,
    privateKey,
    head: signatureHead(algorithm, domain, selector),
  }
}
