// SPDX-License-Identifier: Apache-2.0
/**
 * Numbers that count over all tenants, as one tenant may see them: one block of AES-256, 8 octets of zeros and the number, in
 * Crockford's base 32. The same number always has the same text, and the text tells nothing of it, not even which of two is larger.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { decodeCrockford, encodeCrockford } from './crockford.ts'
import type { Keyring } from './keyring.ts'

const BLOCK_OCTETS = 16
const ZEROS = Buffer.alloc(8)
const LETTERS = 26

export class NumberSeal {
  readonly #key: KeyObject

  /** What is sealed for one purpose is no number of another. The key outlives a rotation, as what was shown does. */
  constructor(keyring: Keyring, purpose: string) {
    this.#key = keyring.derive(`number ${purpose}`, keyring.oldestVersion)
  }

  /** 26 letters. `number`: a safe integer, from 0. */
  seal(number: number): string {
    const block = Buffer.alloc(BLOCK_OCTETS)
    block.writeBigUInt64BE(BigInt(number), ZEROS.length)
    const cipher = createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false)
    return encodeCrockford(Buffer.concat([cipher.update(block), cipher.final()]))
  }

  /** `null`: somebody made it up. Case does not count. */
  open(text: string): number | null {
    const sealed = text.length === LETTERS ? decodeCrockford(text) : null
    if (sealed === null) return null
    const decipher = createDecipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false)
    const block = Buffer.concat([decipher.update(sealed), decipher.final()])
    if (!block.subarray(0, ZEROS.length).equals(ZEROS)) return null
    const number = Number(block.readBigUInt64BE(ZEROS.length))
    return Number.isSafeInteger(number) ? number : null
  }
}
