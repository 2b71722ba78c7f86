// SPDX-License-Identifier: Apache-2.0
/**
 * The word in links of tracked mail, by which an opening or a click finds its message. Signed, together with where a click leads
 * to: nobody can make us lead anywhere else. It does not expire, for links in old mail must lead on.
 *
 *   octets   1 version of the key · 16 message id · 2 recipient · 12 MAC of these, the purpose and the target
 *
 * 31 octets, 42 characters of base64url: links keep their case.
 */
import { timingSafeEqual } from 'node:crypto'
import { DerivedHmacs } from '../base/hmac.ts'
import type { TokenKeys } from './token.ts'

export interface LinkToken {
  readonly messageId: Uint8Array
  /** From 0. */
  readonly recipientIndex: number
}

/** `open`: a picture that is shown. `click`: a link that is followed. */
export type LinkPurpose = 'open' | 'click'

const ID_OCTETS = 16
const RECIPIENT_AT = 1 + ID_OCTETS
const MAC_AT = RECIPIENT_AT + 2
const MAC_OCTETS = 12
const LINK_OCTETS = MAC_AT + MAC_OCTETS
const LINK_CHARACTERS = 42

export class LinkSealer {
  readonly #keys: Pick<TokenKeys, 'newestVersion' | 'has' | 'derive'>
  readonly #hmacs: DerivedHmacs

  constructor(keys: Pick<TokenKeys, 'newestVersion' | 'has' | 'derive'>) {
    this.#keys = keys
    this.#hmacs = new DerivedHmacs((version) => keys.derive('link mac', version))
  }

  /** `target`: empty for an opening. `recipientIndex` is at most 65,535; `messageId` has 16 octets. */
  seal({ messageId, recipientIndex }: LinkToken, purpose: LinkPurpose, target: string): string {
    const version = this.#keys.newestVersion
    const octets = Buffer.allocUnsafe(LINK_OCTETS)
    octets[0] = version
    octets.set(messageId, 1)
    octets.writeUInt16BE(recipientIndex, RECIPIENT_AT)
    octets.set(this.#mac(octets.subarray(0, MAC_AT), version, purpose, target), MAC_AT)
    return octets.toString('base64url')
  }

  /** `null`: not one of ours, changed on the way, or of another target. The MAC is compared in constant time. */
  open(word: string, purpose: LinkPurpose, target: string): LinkToken | null {
    if (word.length !== LINK_CHARACTERS) return null
    const octets = Buffer.from(word, 'base64url')
    const version = octets[0] ?? 0
    if (octets.length !== LINK_OCTETS || !this.#keys.has(version)) return null
    const mac = this.#mac(octets.subarray(0, MAC_AT), version, purpose, target)
    if (!timingSafeEqual(mac, octets.subarray(MAC_AT))) return null
    return {
      messageId: octets.subarray(1, RECIPIENT_AT),
      recipientIndex: octets.readUInt16BE(RECIPIENT_AT),
    }
  }

  #mac(octets: Uint8Array, version: number, purpose: LinkPurpose, target: string): Uint8Array {
    const data = Buffer.concat([octets, Buffer.from(`${purpose}\0${target}`)])
    return this.#hmacs.of(version).digest(data, MAC_OCTETS)
  }
}
