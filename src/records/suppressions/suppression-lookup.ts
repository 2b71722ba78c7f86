// SPDX-License-Identifier: Apache-2.0
/**
 * Whether a recipient is suppressed. Nearly all are not, and a filter in memory says so within microseconds; of the others the
 * store is asked. Each process has a filter of its own, built in the background when it starts (until then the store is asked
 * of everybody) and kept up with what is added. What is removed stays in it: it only costs a question.
 */
import { seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import { suppressionLimits } from '../../base/limits/record-limits.ts'
import type { Log } from '../../base/log.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import type { Mailbox } from '../../protocol/mailbox.ts'
import type { Slug } from '../records.ts'
import type { Store } from '../store.ts'
import { type Decisive, deciding, type ScopedMail, type SuppressionId } from './suppression.ts'
import { SuppressionFilter } from './suppression-filter.ts'

const LOOK_EVERY = seconds(1)

/** Asked at acceptance, and again before each attempt. */
export interface SuppressionCheck {
  /** `null`: surely not, and that is said at once. Rejects where the store cannot be asked. */
  find(mail: ScopedMail, recipient: Mailbox): Promise<Decisive | null> | null
}

export interface LookupParts {
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: Clock
  readonly log: Log
}

export class SuppressionLookup implements SuppressionCheck {
  readonly #parts: LookupParts
  readonly #hasher: AddressHasher
  /** `null` until it is known how large it must be. */
  #filter: SuppressionFilter | null = null
  #isBuilt = false
  #last: SuppressionId | null = null
  #reading: Promise<void> | null = null
  /** Why the store cannot be read now. */
  #failure: string | null = null

  constructor(parts: LookupParts) {
    this.#parts = parts
    this.#hasher = new AddressHasher(parts.keyring)
  }

  find(mail: ScopedMail, recipient: Mailbox): Promise<Decisive | null> | null {
    if (this.#isBuilt && this.#filter?.isEmpty) return null
    const hash = this.#hasher.hash(mail.tenant, recipient)
    return this.#isBuilt && !this.#filter?.mayHave(hash) ? null : this.#ask(mail, hash)
  }

  /** What was added since. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.refresh()
        this.#note(null)
      } catch (thrown) {
        // A store that cannot be read now: the filter knows what it knew.
        this.#note(messageOf(thrown))
      }
      await this.#parts.clock.sleep(LOOK_EVERY, signal)
    }
  }

  async #ask(mail: ScopedMail, hash: Uint8Array): Promise<Decisive | null> {
    const entries = await this.#parts.store.suppressions.of(mail.tenant as Slug, hash)
    return deciding(entries, mail, this.#parts.clock.now())
  }

  async #read(): Promise<void> {
    const { suppressions } = this.#parts.store
    const filter = this.#filter ?? new SuppressionFilter(await suppressions.size())
    this.#filter = filter
    for (;;) {
      const { hashes, last } = await suppressions.hashesAfter(
        this.#last,
        suppressionLimits.readTogether,
      )
      for (const hash of hashes) filter.add(hash)
      this.#last = last
      if (hashes.length < suppressionLimits.readTogether) break
    }
    this.#isBuilt = true
  }

  #note(failure: string | null): void {
    if (failure === this.#failure) return
    this.#failure = failure
    const { log } = this.#parts
    if (failure === null) log.info({}, 'the suppressions can be read again')
    else log.error({ error: failure }, 'the suppressions cannot be read: mail to some waits')
  }
}
