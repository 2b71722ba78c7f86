// SPDX-License-Identifier: Apache-2.0
/** Suppressions that follow from what happened to mail, as the policy of its stream has it. */
import { type DurationMs, plus } from '../../base/brand.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import { foldMailbox, type Mailbox } from '../../protocol/mailbox.ts'
import type { Directory } from '../directory.ts'
import type { Slug, Stream } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import { type SuppressionScope, wholeTenant } from './suppression.ts'

export interface Happening {
  readonly tenant: string
  /** `null`: of a message that is long gone. */
  readonly stream: string | null
  /** `bounce`: nobody is there, and never will be. */
  readonly reason: 'bounce' | 'complaint' | 'unsubscribe'
  /** The recipient, or of a message that is long gone the hash in its return path. */
  readonly recipient: Mailbox | Uint8Array
  /** The event that says so. */
  readonly sourceEvent: string
  /** Only of this list (RFC 2919), which somebody left; `null`: as the stream has it. */
  readonly list: string | null
  /** How long it counts; absent: for good. */
  readonly lasts?: DurationMs
}

export class SuppressionService {
  readonly #context: RecordsContext
  readonly #directory: () => Directory
  readonly #hasher: AddressHasher

  constructor(context: RecordsContext, directory: () => Directory) {
    this.#context = context
    this.#directory = directory
    this.#hasher = new AddressHasher(context.keyring)
  }

  /** `false`: the stream does not want it, or the tenant is no more. Doing it again does nothing. */
  async suppress(happening: Happening): Promise<boolean> {
    const { lasts, reason, recipient, sourceEvent } = happening
    const now = this.#context.clock.now()
    const tenant = happening.tenant as Slug
    const directory = this.#directory()
    if (!directory.tenants.has(tenant)) return false
    const isMailbox = typeof recipient === 'string'
    const entries = scopesOf(directory, tenant, happening).map((scope) => ({
      tenant,
      addressHash: isMailbox ? this.#hasher.hash(tenant, recipient) : recipient,
      address: isMailbox ? foldMailbox(recipient) : null,
      scope,
      reason,
      sourceEvent,
      importId: null,
      note: '',
      createdAt: now,
      expiresAt: lasts === undefined ? null : plus(now, lasts),
    }))
    if (entries.length > 0) await this.#context.store.suppressions.add(entries)
    return entries.length > 0
  }
}

/** Where the stream does not want it, none. What stream a message that is gone was of nobody knows: all bulk of the tenant, as its policies have it. */
function scopesOf(
  directory: Directory,
  tenant: Slug,
  happening: Happening,
): readonly SuppressionScope[] {
  const { reason, stream: name } = happening
  const wants = (stream: Stream | null): boolean =>
    reason === 'unsubscribe' || stream?.suppressesOn.includes(reason) !== false
  if (name !== null) {
    const stream = directory.stream(tenant, name as Slug)
    if (!wants(stream)) return []
    const own = scopeOf({ ...happening, stream: name }, stream?.suppressionScope ?? 'stream')
    if (reason !== 'complaint' || own.kind !== 'stream') return [own]
    // Who calls it spam wants none of the kind; receipts are another matter.
    const others = bulkOf(directory, tenant).filter((other) => other.name !== name && wants(other))
    return [own, ...others.map((other) => ({ kind: 'stream', name: other.name }) as const)]
  }
  const scopes = bulkOf(directory, tenant)
    .filter(wants)
    .map((stream) => scopeOf({ ...happening, stream: stream.name }, stream.suppressionScope))
  return scopes.some(({ kind }) => kind === 'tenant') ? [wholeTenant] : scopes
}

function bulkOf(directory: Directory, tenant: Slug): readonly Stream[] {
  return directory.streamsOf(tenant).filter((stream) => stream.kind === 'bulk')
}

/** Where nobody is, nobody is for any mail. */
function scopeOf(
  { list, reason, stream }: Happening & { readonly stream: string },
  ofStream: 'tenant' | 'stream',
): SuppressionScope {
  if (reason === 'bounce') return wholeTenant
  if (list !== null) return { kind: 'list', name: list }
  return ofStream === 'tenant' ? wholeTenant : { kind: 'stream', name: stream }
}
