// SPDX-License-Identifier: Apache-2.0
/**
 * The word in a return path by which what comes back finds its message: signed, so that nobody can make one up, and with a
 * keyed hash of the recipient, so that a complaint can suppress when the message is long gone. The same for every attempt.
 *
 *   octets   1 version of the key · 16 message id · 2 recipient · 2 expiry day · 8 hash of the address · 8 MAC
 *
 * 37 octets, 60 characters of Crockford base 32 in lower case: within the 64 of a local-part (RFC 5321 §4.5.3.1.1), and
 * indifferent to whoever changes the case of it on the way. Recipient 0 is nobody in particular: the transaction was shared,
 * and the report says whom it is about. The expiry is in days since 2020-01-01 UTC, and good until that day ends.
 */
import { timingSafeEqual } from 'node:crypto'
import { days, type Instant, instant } from '../base/brand.ts'
import { decodeCrockford, encodeFoldedCrockford } from '../base/crockford.ts'
import { DerivedHmacs } from '../base/hmac.ts'
import { ADDRESS_HASH_OCTETS, AddressHasher, type AddressKeys } from './address-hash.ts'
import type { Mailbox } from './mailbox.ts'

export interface Token {
  readonly messageId: Uint8Array
  /** From 0; `null` where several recipients shared the transaction. */
  readonly recipientIndex: number | null
  /** See `AddressHasher`; zeros where the transaction was shared. */
  readonly addressHash: Uint8Array
  /** Read in whole days. */
  readonly expiresAt: Instant
}

export type OpenedToken =
  | { readonly kind: 'token'; readonly token: Token; readonly isExpired: boolean }
  /** Not one of ours, or changed on the way. */
  | { readonly kind: 'invalid' }

/** Where keys come from; a `Keyring` is one. */
export interface TokenKeys extends AddressKeys {
  readonly newestVersion: number
  has(version: number): boolean
}

/** Reports and complaints that come later than this after the message's age limit are counted, no more. */
export const RETURN_PATH_GOOD_FOR = days(30)
/** People unsubscribe from mail that they find again, and are right to. */
export const UNSUBSCRIBE_GOOD_FOR = days(365)

/** Characters of a token. */
export const TOKEN_CHARACTERS = 60

const ID_OCTETS = 16
const MAC_OCTETS = 8
const RECIPIENT_AT = 1 + ID_OCTETS
const EXPIRY_AT = RECIPIENT_AT + 2
const HASH_AT = EXPIRY_AT + 2
const MAC_AT = HASH_AT + ADDRESS_HASH_OCTETS
const TOKEN_OCTETS = MAC_AT + MAC_OCTETS

const EPOCH_MS = Date.UTC(2020, 0, 1)
const DAY_MS = 86_400_000
const LAST_DAY = 0xffff
const INVALID: OpenedToken = { kind: 'invalid' }
const SHARED_HASH = new Uint8Array(ADDRESS_HASH_OCTETS)

export class TokenSealer {
  readonly #keys: TokenKeys
  readonly #addresses: AddressHasher
  readonly #hmacs: DerivedHmacs

  constructor(keys: TokenKeys) {
    this.#keys = keys
    this.#hmacs = new DerivedHmacs((version) => keys.derive('token mac', version))
    this.#addresses = new AddressHasher(keys)
  }

  /** A token for one recipient. `recipientIndex` is at most 65,534; `messageId` has 16 octets. */
  seal(
    tenant: string,
    messageId: Uint8Array,
    recipientIndex: number,
    mailbox: Mailbox,
    expiresAt: Instant,
  ): string {
    const addressHash = this.#addresses.hash(tenant, mailbox)
    return this.#seal({ messageId, recipientIndex, addressHash, expiresAt })
  }

  /** A token for a transaction that several recipients share. */
  sealShared(messageId: Uint8Array, expiresAt: Instant): string {
    return this.#seal({ messageId, recipientIndex: null, addressHash: SHARED_HASH, expiresAt })
  }

  /** Case may have changed. The MAC is compared in constant time; an expired token still says whose it was. */
  open(text: string, now: Instant): OpenedToken {
    if (text.length !== TOKEN_CHARACTERS) return INVALID
    const octets = decodeCrockford(text)
    if (octets === null || octets.length !== TOKEN_OCTETS) return INVALID
    const version = octets[0] ?? 0
    if (!this.#keys.has(version)) return INVALID
    const mac = this.#mac(octets.subarray(0, MAC_AT), version)
    if (!timingSafeEqual(mac, octets.subarray(MAC_AT))) return INVALID
    const recipient = octets.readUInt16BE(RECIPIENT_AT)
    const day = octets.readUInt16BE(EXPIRY_AT)
    const token: Token = {
      messageId: octets.subarray(1, RECIPIENT_AT),
      recipientIndex: recipient === 0 ? null : recipient - 1,
      addressHash: octets.subarray(HASH_AT, MAC_AT),
      expiresAt: instant(EPOCH_MS + day * DAY_MS),
    }
    return { kind: 'token', token, isExpired: dayOf(now) > day }
  }

  #seal(token: Token): string {
    const version = this.#keys.newestVersion
    const octets = Buffer.allocUnsafe(TOKEN_OCTETS)
    octets[0] = version
    octets.set(token.messageId, 1)
    octets.writeUInt16BE(token.recipientIndex === null ? 0 : token.recipientIndex + 1, RECIPIENT_AT)
    octets.writeUInt16BE(dayOf(token.expiresAt), EXPIRY_AT)
    octets.set(token.addressHash, HASH_AT)
    octets.set(this.#mac(octets.subarray(0, MAC_AT), version), MAC_AT)
    return encodeFoldedCrockford(octets)
  }

  #mac(octets: Uint8Array, version: number): Uint8Array {
    return this.#hmacs.of(version).digest(octets, MAC_OCTETS)
  }
}

function dayOf(at: Instant): number {
  return Math.min(LAST_DAY, Math.max(0, Math.floor((at - EPOCH_MS) / DAY_MS)))
}
