// SPDX-License-Identifier: Apache-2.0
/** What each journal of a worker remembers of mail that was sent again: its own, and those of journals that it has adopted. */
import type { RetryClaim, RetryKey, RetryMemory } from '../control/recovery/retry-memory.ts'
import { type JournalId, journalOf } from '../events/ids.ts'

export class JoinedRetries implements RetryMemory {
  readonly #own: RetryMemory
  readonly #byId: ReadonlyMap<JournalId, RetryMemory>

  /** `memories` holds the own one too. */
  constructor(own: RetryMemory, memories: ReadonlyMap<JournalId, RetryMemory>) {
    this.#own = own
    this.#byId = memories
  }

  look(key: RetryKey): ReturnType<RetryMemory['look']> {
    return this.#of(key).look(key)
  }

  claim(claims: readonly RetryClaim[]): void {
    for (const [memory, its] of this.#shared(claims)) memory.claim(its)
  }

  confirm(keys: readonly RetryKey[]): void {
    for (const [memory, its] of this.#shared(keys)) memory.confirm(its)
  }

  release(keys: readonly RetryKey[]): void {
    for (const [memory, its] of this.#shared(keys)) memory.release(its)
  }

  #shared<Key extends RetryKey>(keys: readonly Key[]): Map<RetryMemory, Key[]> {
    return Map.groupBy(keys, (key) => this.#of(key))
  }

  #of({ messageId }: RetryKey): RetryMemory {
    return this.#byId.get(journalOf(messageId)) ?? this.#own
  }
}
