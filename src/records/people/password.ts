// SPDX-License-Identifier: Apache-2.0
/**
 * Passwords: argon2id (RFC 9106), kept as a PHC string, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, so that a hash says how it
 * was made and can be made anew, stronger, when its owner logs in. NFKC before hashing (NIST SP 800-63B §3.1.1.2): the same
 * letters come from every keyboard.
 */
import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { RelayError } from '../../base/errors.ts'
import { passwordLimits } from '../../base/limits/login-limits.ts'
import type { Random } from '../../base/random.ts'

const SALT_OCTETS = 16
const HASH_OCTETS = 32
const FORM =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([\w+/]{11,86})\$([\w+/]{22,86})$/

interface Kept {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
  readonly salt: Buffer
  readonly hash: Buffer
}

/** Takes some 30 ms of a core and `memoryKib`: call it through a `HashLine`. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const { lanes, memoryKib, passes } = passwordLimits
  const salt = Buffer.from(random.bytes(SALT_OCTETS))
  const hash = await derive(password, { memoryKib, passes, lanes, salt }, HASH_OCTETS)
  return textOf({ memoryKib, passes, lanes, salt, hash })
}

/** Of `null`, never, after the same work. */
export async function isPasswordOf(password: string, phc: string | null): Promise<boolean> {
  const kept = phc === null ? null : parse(phc)
  const { hash, ...how } = kept ?? DECOY
  const isSame = timingSafeEqual(await derive(password, how, hash.length), hash)
  return isSame && kept !== null
}

/** Whether it was made with less than is asked for now. */
export function isOutdated(phc: string): boolean {
  const kept = parse(phc)
  if (kept === null) return true
  const { lanes, memoryKib, passes } = passwordLimits
  return kept.memoryKib < memoryKib || kept.passes < passes || kept.lanes !== lanes
}

/** Throws `RLY_RECORD_INVALID` with what would be right. `email`: whose it is to be. */
export function checkNewPassword(password: string, email: string): void {
  const { leastCharacters, leastLetters, mostCharacters } = passwordLimits
  const letters = [...password.normalize('NFKC')]
  if (letters.length < leastCharacters || letters.length > mostCharacters)
    throw invalid(
      `a password has ${leastCharacters} to ${mostCharacters} characters; several words with spaces are a good one`,
    )
  if (new Set(letters).size < leastLetters)
    throw invalid(
      `this password repeats few characters: use at least ${leastLetters} different ones`,
    )
  const folded = password.toLowerCase()
  if (folded === email || folded === email.slice(0, email.lastIndexOf('@')))
    throw invalid('this password is the address that it is for; choose another')
}

/** Nobody's: no password gives sixteen zeros for a hash that is compared with `null`. */
const DECOY: Kept = {
  memoryKib: passwordLimits.memoryKib,
  passes: passwordLimits.passes,
  lanes: passwordLimits.lanes,
  salt: Buffer.alloc(SALT_OCTETS),
  hash: Buffer.alloc(HASH_OCTETS),
}

function parse(phc: string): Kept | null {
  const [, memory, passes, lanes, salt = '', hash = ''] = FORM.exec(phc) ?? []
  const kept = {
    memoryKib: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
  const { mostMemoryKib, mostPasses } = passwordLimits
  const isBearable = kept.memoryKib <= mostMemoryKib && kept.passes <= mostPasses
  return hash !== '' && isBearable ? kept : null
}

function textOf({ hash, lanes, memoryKib, passes, salt }: Kept): string {
  const base64 = (octets: Buffer) => octets.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(salt)}$${base64(hash)}`
}

const argon2id = promisify(argon2)

function derive(
  password: string,
  { lanes, memoryKib, passes, salt }: Omit<Kept, 'hash'>,
  tagLength: number,
): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    message: password.normalize('NFKC'),
    nonce: salt,
    parallelism: lanes,
    tagLength,
    memory: memoryKib,
    passes,
  }
  return argon2id('argon2id', parameters)
}

function invalid(text: string): RelayError {
  return new RelayError('RLY_RECORD_INVALID', text)
}
