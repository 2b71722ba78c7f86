// SPDX-License-Identifier: Apache-2.0
/** Signing keys ready for use: opened and parsed once, kept as long as their record is in the directory. */
import type { Keyring } from '../../base/keyring.ts'
import { type PreparedKey, prepareKey } from '../../content/prepared-key.ts'
import type { Directory } from '../../records/directory.ts'
import type { SendingDomain, SigningKey } from '../../records/records.ts'

export class KeyCache {
  readonly #keyring: Keyring
  readonly #prepared = new WeakMap<SigningKey, PreparedKey>()

  constructor(keyring: Keyring) {
    this.#keyring = keyring
  }

  /** Empty where the domain has none: the message goes out unsigned. */
  keysOf(directory: Directory, domain: SendingDomain | null): readonly PreparedKey[] {
    if (domain === null) return []
    return directory.keysOf(domain).map((record) => this.#prepare(record))
  }

  #prepare(record: SigningKey): PreparedKey {
    let prepared = this.#prepared.get(record)
    if (!prepared) {
      prepared = prepareKey(record, this.#keyring)
      this.#prepared.set(record, prepared)
    }
    return prepared
  }
}
