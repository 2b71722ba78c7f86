// SPDX-License-Identifier: Apache-2.0
/**
 * Codes of an authenticator app: TOTP (RFC 6238) over HOTP (RFC 4226) with what every app takes: SHA-1, six digits, 30 s. A code
 * of the step before or after is good too, for clocks that differ; none is good twice (§5.2).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Instant } from '../../base/brand.ts'
import type { Keyring } from '../../base/keyring.ts'
import type { PersonId } from './person.ts'

/** RFC 4226 §4, R6: 160 bits. */
export const TOTP_SECRET_OCTETS = 20
const STEP_MS = 30_000
const DIGITS = 6
const WINDOW = 1

export function codeAt(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** DIGITS
  return String(number).padStart(DIGITS, '0')
}

export function stepAt(now: Instant): number {
  return Math.floor(now / STEP_MS)
}

/** The step whose code was given, later than `after`; `null`: wrong, or used already. All candidates are compared, each in constant time. */
export function stepOfCode(
  secret: Uint8Array,
  code: string,
  now: Instant,
  after: number,
): number | null {
  const given = Buffer.from(code.replace(/\s/g, ''))
  let found: number | null = null
  for (let step = stepAt(now) - WINDOW; step <= stepAt(now) + WINDOW; step++) {
    const right = Buffer.from(codeAt(secret, step))
    const isSame = given.length === right.length && timingSafeEqual(given, right)
    if (isSame && step > after) found = step
  }
  return found
}

/** For the app, as a QR code or by hand (the Key Uri Format of Google Authenticator). */
export function totpUri(secret: Uint8Array, host: string, email: string): string {
  const issuer = `Posthaste ${host}`
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=30`
}

export function sealTotp(secret: Uint8Array, person: PersonId, keyring: Keyring): Buffer {
  return keyring.seal(secret, contextOf(person))
}

/** Throws `RLY_KEY_FILE`. */
export function openTotp(sealed: Uint8Array, person: PersonId, keyring: Keyring): Buffer {
  return keyring.open(sealed, contextOf(person))
}

function contextOf(person: PersonId): string {
  return `the authenticator secret of person ${person}`
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 §6, without padding. */
export function base32(octets: Uint8Array): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}
