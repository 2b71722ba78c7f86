// SPDX-License-Identifier: Apache-2.0
/** People who use the API with a login of their own instead of a key, and how they prove who they are. */
import type { Brand, Instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'
import type { Role } from './role.ts'

export type PersonId = Brand<string, 'PersonId'>

export interface Person {
  readonly id: PersonId
  /** `null`: of the installation; reaches every tenant. */
  readonly tenant: Slug | null
  /** Folded (`foldMailbox`); unique within the tenant, or within the installation. */
  readonly email: string
  readonly name: string
  readonly role: Role
  /** Sessions end and logins fail, whatever the proof. */
  readonly isDisabled: boolean
  /** PHC string; `null`: no password yet, or taken away. */
  readonly passwordHash: string | null
  /** Of the link by which a password may be set once; `null`: there is none. */
  readonly linkSha256: Uint8Array | null
  readonly linkExpiresAt: Instant | null
  /** The secret of an authenticator app, sealed by the keyring; `null`: no second factor. */
  readonly sealedTotp: Uint8Array | null
  /** One that no code has confirmed yet. */
  readonly sealedNewTotp: Uint8Array | null
  /** Time step of the last code that was taken: it and those before it are good no more (RFC 6238 §5.2). */
  readonly totpStep: number
  /** SHA-256 in hex of codes that are left for a lost authenticator. */
  readonly recoveryCodes: readonly string[]
  /** Who they are to an OpenID provider: `iss` and `sub`; both `null` where none is linked. */
  readonly oidcIssuer: string | null
  readonly oidcSubject: string | null
  /** Made by a first login over OIDC: role and tenant follow the provider's groups. */
  readonly isProvisioned: boolean
  readonly createdAt: Instant
  readonly loggedInAt: Instant | null
}

/** The part of the store that keeps them. */
export interface PersonRecords {
  /** By id. */
  list(): Promise<readonly Person[]>
  find(id: PersonId): Promise<Person | null>
  /** Of all tenants, the oldest first. */
  byEmail(email: string): Promise<readonly Person[]>
  byIdentity(issuer: string, subject: string): Promise<Person | null>
  put(person: Person): Promise<void>
  /** Their sessions go with them. */
  remove(id: PersonId): Promise<boolean>
}
