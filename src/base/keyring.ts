// SPDX-License-Identifier: Apache-2.0
/**
 * Seals secrets at rest and derives keys, from a key file that lies outside the data directory. AES-256-GCM; the
 * context (what the secret is for) is authenticated, so that sealed values cannot be exchanged. The key file holds one
 * line a version, `<version> <64 hex digits>`; the highest version seals, all open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { RelayError } from './errors.ts'
import type { Random } from './random.ts'

const NONCE_OCTETS = 12
const TAG_OCTETS = 16

export class Keyring {
  readonly #keys: ReadonlyMap<number, Buffer>
  readonly #newest: number
  readonly #oldest: number
  readonly #random: Random

  constructor(keys: ReadonlyMap<number, Buffer>, random: Random) {
    this.#keys = keys
    this.#newest = Math.max(...keys.keys())
    this.#oldest = Math.min(...keys.keys())
    this.#random = random
  }

  /** Of the key that seals. 1–255. */
  get newestVersion(): number {
    return this.#newest
  }

  /** Of the key that what must outlive a rotation is derived from. 1–255. */
  get oldestVersion(): number {
    return this.#oldest
  }

  /** One octet of key version, a nonce, the tag, the sealed octets. */
  seal(secret: Uint8Array, context: string): Buffer {
    const nonce = Buffer.from(this.#random.bytes(NONCE_OCTETS))
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#newest), nonce)
    cipher.setAAD(Buffer.from(context))
    const sealed = Buffer.concat([cipher.update(secret), cipher.final()])
    return Buffer.concat([Buffer.of(this.#newest), nonce, cipher.getAuthTag(), sealed])
  }

  /** Throws `RLY_KEY_FILE` where the key is not here or the octets were changed. */
  open(sealed: Uint8Array, context: string): Buffer {
    const octets = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
    const key = this.#key(octets[0] ?? 0)
    const decipher = createDecipheriv('aes-256-gcm', key, octets.subarray(1, 1 + NONCE_OCTETS))
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(octets.subarray(1 + NONCE_OCTETS, 1 + NONCE_OCTETS + TAG_OCTETS))
    try {
      return Buffer.concat([
        decipher.update(octets.subarray(1 + NONCE_OCTETS + TAG_OCTETS)),
        decipher.final(),
      ])
    } catch (thrown) {
      // Authentication of the sealed octets failed.
      throw new RelayError(
        'RLY_KEY_FILE',
        `the key file did not seal ${context}: is it the one of this installation?`,
        { cause: thrown },
      )
    }
  }

  /** A 256-bit key for one purpose, the same for the same key file (HKDF, RFC 5869). */
  derive(purpose: string, version: number = this.#newest): KeyObject {
    return createSecretKey(Buffer.from(hkdfSync('sha256', this.#key(version), '', purpose, 32)))
  }

  has(version: number): boolean {
    return this.#keys.has(version)
  }

  #key(version: number): Buffer {
    const key = this.#keys.get(version)
    if (!key) throw new RelayError('RLY_KEY_FILE', `the key file has no key of version ${version}`)
    return key
  }
}

/** The text of a new key file. */
export function newKeyFile(random: Random): string {
  return `1 ${random.bytes(32).toString('hex')}\n`
}

/** Throws `RLY_KEY_FILE` naming the line that is wrong; `file` is for the message. */
export function parseKeyFile(text: string, file: string, random: Random): Keyring {
  const keys = new Map<number, Buffer>()
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const match = /^(\d{1,3}) ([0-9a-f]{64})$/.exec(line.trim())
    const version = Number(match?.[1])
    if (!match || version < 1 || version > 255)
      throw new RelayError(
        'RLY_KEY_FILE',
        `${file}:${at + 1}: expected "<version> <64 hex digits>"`,
      )
    keys.set(version, Buffer.from(match[2] ?? '', 'hex'))
  }
  if (keys.size === 0) throw new RelayError('RLY_KEY_FILE', `${file} holds no key`)
  return new Keyring(keys, random)
}
