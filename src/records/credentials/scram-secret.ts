// SPDX-License-Identifier: Apache-2.0
/**
 * What is kept of a credential's secret for SCRAM-SHA-256, sealed by the installation's keyring: who has it and hears one
 * login could log in, or pass for us (docs/adr/0015).
 *
 *   0 iterations (32 bits)   4 salt   20 stored key   52 server key
 */
import type { Keyring } from '../../base/keyring.ts'
import type { Random } from '../../base/random.ts'
import { SCRAM_KEY_OCTETS, type ScramKeys, scramKeysOf } from '../../protocol/smtp/scram.ts'
import type { CredentialId } from '../records.ts'

export const SALT_OCTETS = 16
const SALT_AT = 4
const STORED_KEY_AT = SALT_AT + SALT_OCTETS
const SERVER_KEY_AT = STORED_KEY_AT + SCRAM_KEY_OCTETS

export function sealScram(
  id: CredentialId,
  secret: string,
  keyring: Keyring,
  random: Random,
): Buffer {
  const { salt, iterations, storedKey, serverKey } = scramKeysOf(secret, random.bytes(SALT_OCTETS))
  const head = Buffer.alloc(SALT_AT)
  head.writeUInt32BE(iterations)
  return keyring.seal(Buffer.concat([head, salt, storedKey, serverKey]), contextOf(id))
}

/** Throws `RLY_KEY_FILE` where the key is not here or the octets were changed. */
export function openScram(id: CredentialId, sealed: Uint8Array, keyring: Keyring): ScramKeys {
  const octets = keyring.open(sealed, contextOf(id))
  return {
    iterations: octets.readUInt32BE(),
    salt: octets.subarray(SALT_AT, STORED_KEY_AT),
    storedKey: octets.subarray(STORED_KEY_AT, SERVER_KEY_AT),
    serverKey: octets.subarray(SERVER_KEY_AT),
  }
}

function contextOf(id: CredentialId): string {
  return `SCRAM keys of credential ${id}`
}
