// SPDX-License-Identifier: Apache-2.0
/** An answer of the API that is kept for its Idempotency-Key; `first-answers.ts` says how it comes and goes. */
import type { Instant } from '../base/brand.ts'

export interface FirstAnswer {
  /** Whose key of the API, so that nobody meets another's. */
  readonly owner: string
  readonly key: string
  /** Of method, path, query and body. */
  readonly fingerprint: Uint8Array
  /** Which process does the work; empty: it has ended, and nobody knows how far it came. */
  readonly begunBy: string
  /** Sealed, since some answers have secrets; `null` while it is under way. */
  readonly sealedAnswer: Uint8Array | null
  readonly createdAt: Instant
}

/** The part of the store that keeps them. */
export interface FirstAnswerRecords {
  /** Puts `begun` unless there is one that is not older than `oldest`, which is given instead. */
  begin(begun: FirstAnswer, oldest: Instant): Promise<FirstAnswer | null>
  /** Who has ended left what they had begun. Gives how much. */
  abandon(begunBy: readonly string[]): Promise<number>
  /** Somebody goes on with what was left. */
  takeOver(owner: string, key: string, begunBy: string): Promise<void>
  finish(owner: string, key: string, sealedAnswer: Uint8Array): Promise<void>
  forget(owner: string, key: string): Promise<void>
  removeOlder(than: Instant): Promise<number>
  count(): Promise<number>
}
