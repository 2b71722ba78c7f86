// SPDX-License-Identifier: Apache-2.0
/**
 * Sessions: that a browser is a person's, since a login. The token is 256 random bits, made anew by each login and each change of
 * a password, so that none can be planted beforehand (fixation); only its SHA-256 is kept.
 */
import { createHash } from 'node:crypto'
import type { Brand, Instant } from '../../base/brand.ts'
import type { Random } from '../../base/random.ts'
import type { Person, PersonId } from './person.ts'

/** For people and programs to name a session by; no secret. */
export type SessionId = Brand<string, 'SessionId'>

export const proofs = ['password', 'totp', 'recovery-code', 'oidc'] as const

export interface Session {
  readonly id: SessionId
  readonly person: PersonId
  readonly tokenSha256: Uint8Array
  /** What the login was proved with, the second factor where there was one. */
  readonly proof: (typeof proofs)[number]
  /** Of the client that used it last, without port. */
  readonly address: string
  /** Of the browser that logged in, cut. */
  readonly userAgent: string
  readonly createdAt: Instant
  /** To the minute. */
  readonly seenAt: Instant
  /** It ends then, however much it is used. */
  readonly endsAt: Instant
}

/** The part of the store that keeps them. Written often and read by nobody into memory: they are no change of the records. */
export interface SessionRecords {
  find(tokenSha256: Uint8Array): Promise<{ session: Session; person: Person } | null>
  /** The oldest first. */
  of(person: PersonId): Promise<readonly Session[]>
  put(session: Session): Promise<void>
  remove(id: SessionId): Promise<boolean>
  /** All of a person but `except`. Gives how many. */
  removeOf(person: PersonId, except: SessionId | null): Promise<number>
  /** Those that ended, and those that nobody has used since. */
  removeOlder(seenBefore: Instant, endedBy: Instant): Promise<number>
}

const TOKEN_OCTETS = 32
const TOKEN_FORM = /^[\w-]{43}$/

export interface SessionToken {
  /** For the cookie; nowhere else. */
  readonly text: string
  readonly sha256: Buffer
}

export function newSessionToken(random: Random): SessionToken {
  const text = Buffer.from(random.bytes(TOKEN_OCTETS)).toString('base64url')
  return { text, sha256: digest(text) }
}

/** `null` where the text has not the form of a token. */
export function parseSessionToken(text: string): SessionToken | null {
  return TOKEN_FORM.test(text) ? { text, sha256: digest(text) } : null
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
