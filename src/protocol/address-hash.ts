// SPDX-License-Identifier: Apache-2.0
/**
 * The keyed hash of a tenant's recipient: how an address is found again without being kept. Return paths carry it, and
 * suppressions are looked up by it.
 *
 * Its key is derived from the oldest line of the key file, so that it stays the same when the key is rotated: an address
 * whose text was erased can never be hashed anew.
 */
import type { KeyObject } from 'node:crypto'
import { HmacSha256 } from '../base/hmac.ts'
import { foldMailbox, type Mailbox } from './mailbox.ts'

/** Among 10 million addresses a stranger's is taken for one of them once in 10^12. */
export const ADDRESS_HASH_OCTETS = 8

/** Where its key comes from; a `Keyring` is one. */
export interface AddressKeys {
  readonly oldestVersion: number
  derive(purpose: string, version: number): KeyObject
}

export class AddressHasher {
  readonly #hmac: HmacSha256

  constructor(keys: AddressKeys) {
    this.#hmac = new HmacSha256(keys.derive('token address', keys.oldestVersion))
  }

  /** HMAC-SHA-256 of `tenant ‖ 0 ‖ folded mailbox`, its first 8 octets. */
  hash(tenant: string, mailbox: Mailbox): Uint8Array {
    return this.#hmac.digest(`${tenant}\0${foldMailbox(mailbox)}`, ADDRESS_HASH_OCTETS)
  }
}
