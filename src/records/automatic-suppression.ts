// SPDX-License-Identifier: Apache-2.0
/** Suppressions that follow from what happened to mail, as the policy of its stream has it. */
import { AddressHasher } from '../protocol/address-hash.ts'
import { foldMailbox, type Mailbox } from '../protocol/mailbox.ts'
import type { Directory } from './directory.ts'
import type { Slug } from './records.ts'
import type { RecordsContext } from './records-context.ts'
import { type SuppressionScope, wholeTenant } from './suppression.ts'

export interface Happening {
  readonly tenant: string
  readonly stream: string
  /** `bounce`: nobody is there, and never will be. */
  readonly reason: 'bounce' | 'complaint' | 'unsubscribe'
  /** The recipient, or of a message that is long gone the hash in its return path. */
  readonly recipient: Mailbox | Uint8Array
  /** The event that says so. */
  readonly sourceEvent: string
  /** Only of this list (RFC 2919), which somebody left; `null`: as the stream has it. */
  readonly list: string | null
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
    const { reason, recipient, sourceEvent } = happening
    const tenant = happening.tenant as Slug
    const directory = this.#directory()
    const stream = directory.stream(tenant, happening.stream as Slug)
    if (!directory.tenants.has(tenant)) return false
    if (reason !== 'unsubscribe' && stream?.suppressesOn.includes(reason) === false) return false
    const isMailbox = typeof recipient === 'string'
    await this.#context.store.suppressions.add([
      {
        tenant,
        addressHash: isMailbox ? this.#hasher.hash(tenant, recipient) : recipient,
        address: isMailbox ? foldMailbox(recipient) : null,
        scope: scopeOf(happening, stream?.suppressionScope ?? 'stream'),
        reason,
        sourceEvent,
        importId: null,
        note: '',
        createdAt: this.#context.clock.now(),
        expiresAt: null,
      },
    ])
    return true
  }
}

/** Where nobody is, nobody is for any mail. */
function scopeOf(
  { list, reason, stream }: Happening,
  ofStream: 'tenant' | 'stream',
): SuppressionScope {
  if (reason === 'bounce') return wholeTenant
  if (list !== null) return { kind: 'list', name: list }
  return ofStream === 'tenant' ? wholeTenant : { kind: 'stream', name: stream }
}
