// SPDX-License-Identifier: Apache-2.0
/** One waiting recipient of a queue, as people see it. */
import { timestampOf } from '../../events/event.ts'
import { formatReply } from '../../protocol/reply.ts'
import type { WaitingRecipient } from '../../spool/message.ts'

export interface WaitingRow {
  readonly messageId: string
  readonly recipient: string
  readonly attempts: number
  readonly dueAt: string
  readonly expiresAt: string
  readonly lastReply: string | null
  /** Why it is held, in a sentence; `null`: it is not. A person decides: `posthaste held`. */
  readonly held: string | null
}

/** `held`: why it is held, in a sentence. */
export function waitingRow(waiting: WaitingRecipient, held: string | null): WaitingRow {
  const { message, index, attempts, dueAt, lastAttempt } = waiting
  return {
    messageId: message.id,
    recipient: message.envelope.recipients[index]?.forwardPath ?? '',
    attempts,
    dueAt: timestampOf(dueAt),
    expiresAt: timestampOf(message.expiresAt),
    lastReply: lastAttempt && formatReply(lastAttempt.reply),
    held,
  }
}
