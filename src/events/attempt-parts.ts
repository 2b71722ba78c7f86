// SPDX-License-Identifier: Apache-2.0
/** What events about an attempt say. */
import { z } from 'zod'

export const reply = z.object({
  code: z.number(),
  enhanced: z.string().nullable(),
  text: z.string(),
})

/** Postfix's `delays=a/b/c/d` in milliseconds: where the time went, so a slow message explains itself. */
export const delays = z.object({
  /** From reception until it was ready to go: the way in, and for a later attempt all the waits for its time. */
  beforeQueue: z.number(),
  /** Ready, until a connection took it. */
  inQueue: z.number(),
  /** Name look-up, connect, greeting, TLS; 0 where a connection was reused. */
  connect: z.number(),
  /** From MAIL to the last reply. */
  transmit: z.number(),
})

export const tls = z.object({ version: z.string(), cipher: z.string(), verified: z.boolean() })

export const attempt = {
  queue: z.string(),
  site: z.string(),
  source: z.string(),
  /** Name and address of the receiver's host; `null` where none was reached. */
  mx: z.string().nullable(),
  tls: tls.nullable(),
  /** From 1. */
  attempt: z.number().int(),
  reply,
  delays,
  /** The dialog of the transaction, lines with `C: ` and `S: `. */
  conversation: z.array(z.string()),
}
