// SPDX-License-Identifier: Apache-2.0
/** From what people and files say to an entry: checked, folded, hashed. */
import type { Instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { suppressionLimits } from '../../base/limits/record-limits.ts'
import { nearest } from '../../base/nearest.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import { foldMailbox, type Mailbox, parseMailbox } from '../../protocol/mailbox.ts'
import type { Slug } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import {
  type EntryReason,
  type NewSuppression,
  type SuppressionScope,
  wholeTenant,
} from './suppression.ts'

export interface SuppressionInput {
  /** Or, where that was never kept, its hash as this installation makes it. */
  readonly address: string | Uint8Array
  readonly reason: EntryReason
  /** Only mail of this stream; at most one of the two. */
  readonly stream: string | null
  /** Only mail with this List-Id. */
  readonly list: string | null
  readonly note: string
  /** `null`: now. */
  readonly createdAt: Instant | null
  readonly expiresAt: Instant | null
  readonly sourceEvent: string | null
  /** Else only the hash is kept: it cannot be listed or exported by name, and still works. */
  readonly keepsAddress: boolean
}

export class EntryMaker {
  readonly #hasher: AddressHasher
  readonly #tenant: Slug
  readonly #streams: ReadonlySet<string>
  readonly #now: Instant

  static async of(context: RecordsContext, store: Store, tenant: Slug): Promise<EntryMaker> {
    const streams = (await store.streams.list()).filter((stream) => stream.tenant === tenant)
    return new EntryMaker(context, tenant, new Set(streams.map(({ name }) => name as string)))
  }

  private constructor(context: RecordsContext, tenant: Slug, streams: ReadonlySet<string>) {
    this.#hasher = new AddressHasher(context.keyring)
    this.#tenant = tenant
    this.#streams = streams
    this.#now = context.clock.now()
  }

  /** Throws `RLY_RECORD_INVALID`, `RLY_RECORD_UNKNOWN`. */
  make(input: SuppressionInput, importId: string | null): NewSuppression {
    const { address, expiresAt, note, reason, sourceEvent } = input
    const named = typeof address === 'string' ? mailboxFor(address) : address
    const isMailbox = typeof named === 'string'
    checkExpiry(expiresAt, this.#now)
    checkNote(note)
    return {
      tenant: this.#tenant,
      addressHash: isMailbox ? this.#hasher.hash(this.#tenant, named) : named,
      address: isMailbox && input.keepsAddress ? foldMailbox(named) : null,
      scope: this.#scope(input),
      reason,
      sourceEvent,
      importId,
      note,
      createdAt: input.createdAt ?? this.#now,
      expiresAt,
    }
  }

  #scope({ list, stream }: SuppressionInput): SuppressionScope {
    if (list !== null && stream !== null)
      throw invalidSuppression('it is about one stream or one list, not both')
    if (list !== null) return listScope(list)
    if (stream === null) return wholeTenant
    const name = stream.toLowerCase()
    if (this.#streams.has(name)) return { kind: 'stream', name }
    const meant = nearest(name, this.#streams)
    throw new RelayError(
      'RLY_RECORD_UNKNOWN',
      `no stream "${stream}" of tenant "${this.#tenant}"${meant === null ? '' : `; did you mean "${meant}"?`}`,
    )
  }
}

export function checkExpiry(expiresAt: Instant | null, now: Instant): void {
  if (expiresAt !== null && expiresAt <= now)
    throw invalidSuppression('it would have expired already')
}

export function checkNote(note: string): void {
  if (note.length > suppressionLimits.noteCharacters || /\p{Cc}/u.test(note))
    throw invalidSuppression(
      `a note is one line of at most ${suppressionLimits.noteCharacters} characters`,
    )
}

export function mailboxFor(text: string): Mailbox {
  const mailbox = parseMailbox(text.trim())
  if (mailbox !== null) return mailbox
  throw invalidSuppression(`"${text}" is no address: expected one such as "ann@example.net"`)
}

/** With or without its angle brackets. */
export function listScope(text: string): SuppressionScope {
  const name = text.toLowerCase().replace(/^<(.*)>$/, '$1')
  if (/^[!-;=?-~]+$/.test(name) && name.length <= suppressionLimits.listCharacters)
    return { kind: 'list', name }
  throw invalidSuppression(`"${text}" is no List-Id: expected one such as "news.example.com"`)
}

/** Each address, scope and reason once: the last one that was given. */
export function distinct(entries: readonly NewSuppression[]): readonly NewSuppression[] {
  const kept = new Map<string, NewSuppression>()
  for (const entry of entries) {
    const { addressHash, reason, scope } = entry
    kept.set(
      `${Buffer.from(addressHash).toString('hex')} ${reason} ${scope.kind} ${scope.name}`,
      entry,
    )
  }
  return [...kept.values()]
}

/** One sync for all of them. */
export function addAll(store: Store, entries: readonly NewSuppression[]): Promise<number> {
  return store.transaction(async (inner) => {
    let added = 0
    for (let at = 0; at < entries.length; at += suppressionLimits.writeTogether) {
      const some = entries.slice(at, at + suppressionLimits.writeTogether)
      added += (await inner.suppressions.add(some)).added
    }
    return added
  })
}

export function invalidSuppression(text: string): RelayError {
  return new RelayError('RLY_RECORD_INVALID', text)
}
