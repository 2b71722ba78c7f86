// SPDX-License-Identifier: Apache-2.0
/** What events about mail say, those of a message, and those of one of its recipients. */
import { z } from 'zod'
import { head } from './event-head.ts'
import type { MessageId } from './ids.ts'

export const common = {
  ...head,
  tenant: z.string(),
  stream: z.string(),
  campaign: z.string().nullable(),
  /** Only there where nobody got the mail but the simulated receiver. */
  sandbox: z.literal(true).optional(),
}

export const ofMessage = {
  ...common,
  messageId: z.custom<MessageId>((value) => typeof value === 'string'),
}

export const ofRecipient = { ...ofMessage, recipientIndex: z.number().int(), recipient: z.string() }
