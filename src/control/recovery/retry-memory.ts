// SPDX-License-Identifier: Apache-2.0
/**
 * Who of mail that failed was sent again, and as which message, so that nobody gets it twice. Lives beside the journal that has
 * the mail. A claim is made before the new message is accepted and confirmed after it; one that never was (a crash in between)
 * is settled by a look whether the message that it names came into being.
 */
import type { MessageId } from '../../events/ids.ts'

export interface RetryKey {
  readonly messageId: MessageId
  readonly recipientIndex: number
}

export interface RetryClaim extends RetryKey {
  /** The new message. */
  readonly as: MessageId
}

export interface RetryMemory {
  /** `null`: not claimed. */
  look(key: RetryKey): { readonly as: MessageId; readonly isConfirmed: boolean } | null
  /** All are durable on return; an earlier claim is replaced. */
  claim(claims: readonly RetryClaim[]): void
  confirm(keys: readonly RetryKey[]): void
  /** Nothing came of it. */
  release(keys: readonly RetryKey[]): void
}
