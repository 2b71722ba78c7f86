// SPDX-License-Identifier: Apache-2.0
/** An answer of the API that is kept for its Idempotency-Key; `first-answers.ts` says how it comes and goes. */
import type { Instant } from '../base/brand.ts'

export interface FirstAnswer {
  /** Whose key of the API, so that nobody meets another's. */
  readonly owner: string
  readonly key: string
  /** Of method, path, query and body. */
  readonly fingerprint: Uint8Array
  /** Sealed, since some answers have secrets; `null` while it is under way. */
  readonly sealedAnswer: Uint8Array | null
  readonly createdAt: Instant
}

/** The part of the store that keeps them. */
export interface FirstAnswerRecords {
  /** Puts `begun` unless there is one that is not older than `oldest`, which is given instead. */
  begin(begun: FirstAnswer, oldest: Instant): Promise<FirstAnswer | null>
  finish(owner: string, key: string, sealedAnswer: Uint8Array): Promise<void>
  forget(owner: string, key: string): Promise<void>
  removeOlder(than: Instant): Promise<number>
  count(): Promise<number>
}
