// SPDX-License-Identifier: Apache-2.0
/**
 * The keyed hash of a tenant's recipient: how an address is found again without being kept. Return paths carry it, and
 * suppressions are looked up by it.
 *
 * Its key is derived from the oldest line of the key file, so that it stays the same when the key is rotated: an address
 * whose text was erased can never be hashed anew.
 */
import { createHmac, type KeyObject } from 'node:crypto'
import { foldMailbox, type Mailbox } from './mailbox.ts'

/** Among 10 million addresses a stranger's is taken for one of them once in 10^12. */
export const ADDRESS_HASH_OCTETS = 8

/** Where its key comes from; a `Keyring` is one. */
export interface AddressKeys {
  readonly oldestVersion: number
  derive(purpose: string, version: number): KeyObject
}

export class AddressHasher {
  readonly #key: KeyObject

  constructor(keys: AddressKeys) {
    this.#key = keys.derive('token address', keys.oldestVersion)
  }

  /** HMAC-SHA-256 of `tenant ‖ 0 ‖ folded mailbox`, its first 8 octets. */
  hash(tenant: string, mailbox: Mailbox): Uint8Array {
    const text = `${tenant}\0${foldMailbox(mailbox)}`
    return createHmac('sha256', this.#key).update(text).digest().subarray(0, ADDRESS_HASH_OCTETS)
  }
}
