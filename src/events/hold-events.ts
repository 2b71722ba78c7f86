// SPDX-License-Identifier: Apache-2.0
/** What happens to mail that waits for somebody's decision, and what people decide. */
import { z } from 'zod'
import { timestamp } from './event-head.ts'
import { ofMessage, ofRecipient } from './event-parts.ts'

/** What holds a message: the gate of its stream, a quota, a credential that behaves unlike itself, or damage in the spool. */
export const heldBy = z.enum(['gate', 'quota', 'credential', 'damage'])

/** It was taken, and waits for somebody's decision. */
export const heldEvent = z.object({
  type: z.literal('message.held'),
  ...ofMessage,
  by: heldBy,
  /** In a sentence. */
  why: z.string(),
  /** Then it expires. */
  until: timestamp,
})

/** Its content in the spool is not what was accepted. It is held, with no end, until a person releases or cancels it. */
export const damagedEvent = z.object({
  type: z.literal('message.damaged'),
  ...ofRecipient,
  queue: z.string(),
  attempts: z.number().int(),
  /** What is damaged, and what a person can do. */
  why: z.string(),
})

/** It is held no more, and sent like others. */
export const releasedEvent = z.object({
  type: z.literal('message.released'),
  ...ofRecipient,
  queue: z.string(),
  /** Who decided. */
  by: z.string(),
  /** With which it waits now: 0 is sent first. */
  priority: z.number().int(),
  nextAttemptAt: timestamp,
})

/** Taken back before it was delivered, by a person. No submitter is told by a DSN. */
export const cancelledEvent = z.object({
  type: z.literal('message.cancelled'),
  ...ofRecipient,
  queue: z.string(),
  attempts: z.number().int(),
  by: z.string(),
})

export type HeldBy = z.infer<typeof heldBy>
export type HeldEvent = z.infer<typeof heldEvent>
export type DamagedEvent = z.infer<typeof damagedEvent>
export type ReleasedEvent = z.infer<typeof releasedEvent>
export type CancelledEvent = z.infer<typeof cancelledEvent>
