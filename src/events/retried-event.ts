// SPDX-License-Identifier: Apache-2.0
/** Mail that had failed was sent again, as a new message. */
import { z } from 'zod'
import { ofRecipient } from './event-parts.ts'
import type { MessageId } from './ids.ts'

/** About the message that failed; its state stays what it was. */
export const retriedEvent = z.object({
  type: z.literal('message.retried'),
  ...ofRecipient,
  /** Who wanted it. */
  by: z.string(),
  /** The new message; its `message.received` says `retryOf`. */
  retriedAs: z.custom<MessageId>((value) => typeof value === 'string'),
})

export type RetriedEvent = z.infer<typeof retriedEvent>
