// SPDX-License-Identifier: Apache-2.0
/**
 * An entry of a tenant's list of whom not to send to. Several may stand for one address, each with its own reason and scope;
 * `deciding` says which of them counts for a message.
 *
 * Addresses are the same without case, in the local-part too; `ann+news@example.net` is another than `ann@example.net`.
 */
import type { Brand, Instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'

/** Grows with every entry that is made, in the order in which they are seen: over all tenants, so people see `suppressionName`. */
export type SuppressionId = Brand<number, 'SuppressionId'>

/** Why nobody sends there. */
export const suppressionReasons = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const
export type SuppressionReason = (typeof suppressionReasons)[number]

/** `allow` is the opposite: a person's word that outweighs what was automatic. */
export const entryReasons = [...suppressionReasons, 'allow'] as const
export type EntryReason = (typeof entryReasons)[number]

/** Of which mail: all of the tenant's, that of one stream, or that of one list (RFC 2919: its List-Id). */
export const scopeKinds = ['tenant', 'stream', 'list'] as const

export interface SuppressionScope {
  readonly kind: (typeof scopeKinds)[number]
  /** Of the stream or list; empty for the tenant. */
  readonly name: string
}

export const wholeTenant: SuppressionScope = { kind: 'tenant', name: '' }

export interface Suppression {
  readonly id: SuppressionId
  readonly tenant: Slug
  /** See `AddressHasher`. */
  readonly addressHash: Uint8Array
  /** Folded; `null` where only its hash is kept. */
  readonly address: string | null
  readonly scope: SuppressionScope
  readonly reason: EntryReason
  /** The event that it follows from; `null` where a person made it. */
  readonly sourceEvent: string | null
  /** The import that brought it. */
  readonly importId: string | null
  /** A person's remark, at most `suppressionLimits.noteCharacters`. */
  readonly note: string
  readonly createdAt: Instant
  /** Then it counts no more; `null`: never. */
  readonly expiresAt: Instant | null
}

export type NewSuppression = Omit<Suppression, 'id'>

/** What an import brought, once it is finished: before that nothing of it counts. */
export interface SuppressionImport {
  readonly id: string
  readonly tenant: Slug
  readonly startedAt: Instant
  /** `null`: it is not, and where its process ended it never will be. */
  readonly finishedAt: Instant | null
}

/** What a message is, for scopes. */
export interface ScopedMail {
  readonly tenant: string
  readonly stream: string
  /** Its List-Id, in lower case. */
  readonly list: string | null
}

/** A suppression that keeps mail from its recipient. */
export type Decisive = Suppression & { readonly reason: SuppressionReason }

/** What a person said counts before what was automatic. */
const precedence: readonly SuppressionReason[] = ['unsubscribe', 'manual', 'complaint', 'bounce']
/** What follows from events, without anybody's word. */
export const automaticReasons: readonly EntryReason[] = ['bounce', 'complaint']

/** Of all entries of an address the one that keeps `mail` from it; `null`: none does. */
export function deciding(
  entries: readonly Suppression[],
  mail: ScopedMail,
  now: Instant,
): Decisive | null {
  const live = entries.filter((entry) => isLive(entry, now) && isAbout(entry.scope, mail))
  const isAllowed = live.some(({ reason }) => reason === 'allow')
  for (const reason of precedence) {
    if (isAllowed && automaticReasons.includes(reason)) continue
    const found = live.find((entry): entry is Decisive => entry.reason === reason)
    if (found) return found
  }
  return null
}

export function isLive({ expiresAt }: Suppression, now: Instant): boolean {
  return expiresAt === null || expiresAt > now
}

function isAbout({ kind, name }: SuppressionScope, { stream, list }: ScopedMail): boolean {
  switch (kind) {
    case 'tenant':
      return true
    case 'stream':
      return name === stream
    case 'list':
      return name === list
  }
}
