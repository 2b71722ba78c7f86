// SPDX-License-Identifier: Apache-2.0
/**
 * Everything that can happen: to mail (`MailEvent`) and to us (`OperationEvent`). One schema for
 * the journal, `tail`, `trace`, logs and later API, webhooks and dashboard. Changes are additive; a
 * reader ignores what it does not know. `suppressed` is a type of its own and never a bounce.
 */
import { z } from 'zod'
import { SecondText } from '../base/second-text.ts'
import { attempt, type delays, reply, type tls } from './attempt-parts.ts'
import { authentication } from './authentication.ts'
import { type DomainEvent, domainEvent } from './domain-event.ts'
import { head, timestamp } from './event-head.ts'
import { common, ofMessage, ofRecipient } from './event-parts.ts'
import { gateCheck } from './gate-check.ts'
import { clickedEvent, type HitEvent, openedEvent } from './hit-events.ts'
import {
  type CancelledEvent,
  cancelledEvent,
  type DamagedEvent,
  damagedEvent,
  type HeldEvent,
  heldEvent,
  type ReleasedEvent,
  releasedEvent,
} from './hold-events.ts'
import { type LimitEvent, limitEvent } from './limit-event.ts'
import { meaning } from './meaning.ts'
import { type RetriedEvent, retriedEvent } from './retried-event.ts'

export const receivedEvent = z.object({
  type: z.literal('message.received'),
  ...ofMessage,
  size: z.number(),
  recipients: z.array(z.string()),
  reversePath: z.string(),
  headerFrom: z.string().nullable(),
  headerMessageId: z.string().nullable(),
  subject: z.string().nullable(),
  peer: z.string(),
  protocol: z.string(),
  credential: z.string().nullable(),
  signedBy: z.array(z.string()),
  /** What the gate of its stream would have refused it for, were it to reject. */
  warned: z.array(gateCheck).optional(),
  /** Absent where the submitter gave none. */
  tags: z.array(z.string()).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  /** The message that failed, and is sent again as this one. */
  retryOf: ofMessage.messageId.optional(),
})

export const rejectedEvent = z.object({
  type: z.literal('message.rejected'),
  ...common,
  tenant: z.string().nullable(),
  stream: z.string().nullable(),
  reply,
  peer: z.string(),
  reversePath: z.string().nullable(),
  recipient: z.string().nullable(),
})

export const deliveredEvent = z.object({
  type: z.literal('message.delivered'),
  ...ofRecipient,
  ...attempt,
})

const speaker = z.enum(['peer', 'us'])

export const deferredEvent = z.object({
  type: z.literal('message.deferred'),
  ...ofRecipient,
  ...attempt,
  /** Whose words the reply is: a receiver's, or ours, where it said nothing or was not asked. */
  said: speaker,
  nextAttemptAt: timestamp,
  /** Absent where nobody refused, but something failed here. */
  meaning: meaning.optional(),
})

export const bouncedEvent = z.object({
  type: z.literal('message.bounced'),
  ...ofRecipient,
  ...attempt,
  /** Who said so: the receiver, our routing (no such domain), or a person. */
  by: z.enum(['peer', 'routing', 'person']),
  /** Absent where a person decided, or something failed here. */
  meaning: meaning.optional(),
})

export const expiredEvent = z.object({
  type: z.literal('message.expired'),
  ...ofRecipient,
  queue: z.string(),
  attempts: z.number().int(),
  lastReply: reply.nullable(),
  /** Of the last reply: whoever was said for days to be closed is closed. Absent where there was none. */
  meaning: meaning.optional(),
})

/** Not tried, because of the tenant's list. Never counted as a bounce. */
export const suppressedEvent = z.object({
  type: z.literal('message.suppressed'),
  ...ofRecipient,
  queue: z.string(),
  attempts: z.number().int(),
  /** Why the recipient is on the list. */
  reason: z.enum(['bounce', 'complaint', 'unsubscribe', 'manual']),
  /** Of what mail: all of the tenant's, that of a stream, or that of a list. */
  scope: z.enum(['tenant', 'stream', 'list']),
  suppression: z.string(),
})

/** Its submitter was told, once, that it waits still. */
export const delayedEvent = z.object({
  type: z.literal('message.delayed'),
  ...ofRecipient,
  queue: z.string(),
  attempts: z.number().int(),
  lastReply: reply.nullable(),
  nextAttemptAt: timestamp,
  /** Then it expires. */
  retriesUntil: timestamp,
})

/** What a report says of one recipient, and how sure it is whom it means. */
const reported = {
  /** `proven`: by our token, which nobody can make up. `likely`: by ids that whoever got the mail could quote. */
  certainty: z.enum(['proven', 'likely']),
  /** Who reports, as the report has it. */
  reportingMta: z.string().nullable(),
  /** Which host brought it. */
  peer: z.string(),
  authentication: authentication.optional(),
}

/** A report that it will not be delivered came after it was taken: out-of-band. The state of its recipient is what it was. */
export const reportedBounceEvent = z.object({
  type: z.literal('message.bounced'),
  ...ofRecipient,
  by: z.literal('report'),
  /** In the words of the report. */
  diagnosis: z.object({
    code: z.number().nullable(),
    enhanced: z.string().nullable(),
    text: z.string(),
  }),
  meaning: meaning.optional(),
  ...reported,
})

/** Its recipient calls it spam (RFC 5965). */
export const complainedEvent = z.object({
  type: z.literal('message.complained'),
  ...ofRecipient,
  feedbackType: z.string(),
  ...reported,
})

/** Its recipient wants no more. */
export const unsubscribedEvent = z.object({
  type: z.literal('message.unsubscribed'),
  ...ofRecipient,
  /** `one-click`: the button of a mail program (RFC 8058). `page`: that of our page. */
  by: z.enum(['mail', 'report', 'one-click', 'page']),
  ...reported,
})

/** Mail that came back and changed nothing; what it is about, as far as that is known. */
export const reportEvent = z.object({
  type: z.literal('report.received'),
  ...common,
  tenant: z.string().nullable(),
  stream: z.string().nullable(),
  messageId: ofMessage.messageId.nullable(),
  recipient: z.string().nullable(),
  kind: z.enum(['bounce', 'delayed', 'complaint', 'auto-reply', 'unsubscribe', 'other']),
  /**
   * `noted`: of no consequence. `unmatched`: of no message of ours, or of nobody in it. `gone`: of a message of which nothing is
   * kept any more. `expired`: later than its token is good. `forwarded`: sent to the operator. `forged`: a complaint that its
   * sender did not send, or about a return path that is none of ours. `guessed`: nothing in it is of ours, and of all mail that its
   * recipient got lately one message alone fits what it says.
   */
  fate: z.enum(['noted', 'unmatched', 'gone', 'expired', 'forwarded', 'forged', 'guessed']),
  /** As of other reports; `possible`: guessed. Absent where it is about no message, and in older events. */
  certainty: z.enum(['proven', 'likely', 'possible']).optional(),
  feedbackType: z.string().nullable(),
  /** Of the recipient, hexadecimal, from a token: see `AddressHasher`. */
  addressHash: z.string().nullable(),
  reportingMta: z.string().nullable(),
  peer: z.string(),
  size: z.number(),
  authentication: authentication.optional(),
})

// biome-ignore format: one line.
const areas = ['source', 'path', 'queue', 'site', 'spool', 'certificate', 'credential', 'person', 'tenant', 'stream', 'campaign', 'quota', 'warmup', 'node', 'brake', 'webhook'] as const

/** What happened to us; `text` is one sentence that a colleague would say, with the numbers in it. */
export const operationEvent = z.object({
  type: z.templateLiteral([z.enum(areas), '.', z.string()]),
  ...head,
  tenant: z.string().nullable(),
  text: z.string(),
})

export const eventSchema = z.union([
  receivedEvent,
  rejectedEvent,
  deliveredEvent,
  deferredEvent,
  bouncedEvent,
  expiredEvent,
  suppressedEvent,
  delayedEvent,
  heldEvent,
  damagedEvent,
  releasedEvent,
  cancelledEvent,
  retriedEvent,
  reportedBounceEvent,
  complainedEvent,
  unsubscribedEvent,
  reportEvent,
  openedEvent,
  clickedEvent,
  domainEvent,
  limitEvent,
  operationEvent,
])

export type ReceivedEvent = z.infer<typeof receivedEvent>
export type RejectedEvent = z.infer<typeof rejectedEvent>
export type DeliveredEvent = z.infer<typeof deliveredEvent>
export type DeferredEvent = z.infer<typeof deferredEvent>
export type BouncedEvent = z.infer<typeof bouncedEvent>
export type ExpiredEvent = z.infer<typeof expiredEvent>
export type SuppressedEvent = z.infer<typeof suppressedEvent>
export type DelayedEvent = z.infer<typeof delayedEvent>
export type ReportedBounceEvent = z.infer<typeof reportedBounceEvent>
export type ComplainedEvent = z.infer<typeof complainedEvent>
export type UnsubscribedEvent = z.infer<typeof unsubscribedEvent>
export type ReportEvent = z.infer<typeof reportEvent>
export type OperationEvent = z.infer<typeof operationEvent>

/** An event that changes a recipient's state. */
export type OutcomeEvent =
  | DeliveredEvent
  | DeferredEvent
  | BouncedEvent
  | ExpiredEvent
  | SuppressedEvent
  | DelayedEvent
  | DamagedEvent
  | ReleasedEvent
  | CancelledEvent

/** What came back about mail that went out, or was seen of it; changes no recipient's state. */
export type FeedbackEvent = ReportedEvent | ReportEvent | HitEvent
/** About one recipient, by a report or a wish. */
export type ReportedEvent = ReportedBounceEvent | ComplainedEvent | UnsubscribedEvent

export type MailEvent =
  | ReceivedEvent
  | RejectedEvent
  | HeldEvent
  | OutcomeEvent
  | RetriedEvent
  | FeedbackEvent

/** What happened to us, or to what is ours. */
export type OwnEvent = DomainEvent | LimitEvent | OperationEvent

export type Event = MailEvent | OwnEvent

export type Delays = z.infer<typeof delays>
export type Speaker = z.infer<typeof speaker>
export type TlsFacts = z.infer<typeof tls>

/** An event before the journal has given it its id. */
export type Unwritten<T extends Event> = T extends Event ? Omit<T, 'id' | 'schemaVersion'> : never

const beforeMilliseconds = new SecondText((second) =>
  new Date(second * 1_000).toISOString().slice(0, -'000Z'.length),
)

/** RFC 3339 with milliseconds. */
export function timestampOf(at: number): string {
  const whole = Math.trunc(at)
  const second = Math.floor(whole / 1_000)
  const milliseconds = String(whole - second * 1_000).padStart(3, '0')
  return `${beforeMilliseconds.of(second)}${milliseconds}Z`
}
