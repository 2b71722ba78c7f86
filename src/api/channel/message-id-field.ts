// SPDX-License-Identifier: Apache-2.0
/** A message id in a message of the channel. */
import { z } from 'zod'
import { type MessageId, parseMessageId } from '../../events/ids.ts'

export const messageIdField = z.string().transform((text, context): MessageId => {
  const id = parseMessageId(text)
  if (id !== null) return id
  context.addIssue('no message id')
  return z.NEVER
})
