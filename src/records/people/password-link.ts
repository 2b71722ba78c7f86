// SPDX-License-Identifier: Apache-2.0
/** One-time links by which people set their first password, or a new one: given to them by whoever invites, for no mail is sent. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { hours, type Instant, plus } from '../../base/brand.ts'
import type { Random } from '../../base/random.ts'
import type { Person, PersonId } from './person.ts'

const TOKEN_OCTETS = 32
export const linkLife = hours(72)

export interface PasswordLink {
  /** `<id of the person>.<256 random bits>`; shown once. */
  readonly token: string
  readonly sha256: Buffer
  readonly expiresAt: Instant
}

export function newPasswordLink(id: PersonId, random: Random, now: Instant): PasswordLink {
  const token = `${id}.${Buffer.from(random.bytes(TOKEN_OCTETS)).toString('base64url')}`
  return { token, sha256: digest(token), expiresAt: plus(now, linkLife) }
}

/** Whose link it claims to be; a look-up alone proves nothing. */
export function personOfLink(token: string): PersonId | null {
  const [, id] = /^([0-9A-HJKMNP-TV-Z]{10})\.[\w-]{43}$/.exec(token) ?? []
  return id === undefined ? null : (id as PersonId)
}

/** In constant time. */
export function isLinkOf(token: string, person: Person | null, now: Instant): boolean {
  const isSame = timingSafeEqual(digest(token), person?.linkSha256 ?? NO_DIGEST)
  return isSame && person?.linkExpiresAt != null && person.linkExpiresAt > now
}

const NO_DIGEST = Buffer.alloc(32)

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
