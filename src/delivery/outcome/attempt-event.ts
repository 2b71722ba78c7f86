// SPDX-License-Identifier: Apache-2.0
/** Makes the event of one attempt at one recipient: the outcome, with everything that explains it. */
import type { Instant } from '../../base/brand.ts'
import type {
  DelayedEvent,
  Delays,
  ExpiredEvent,
  OutcomeEvent,
  Unwritten,
} from '../../events/event.ts'
import { timestampOf } from '../../events/event.ts'
import type { DamagedEvent } from '../../events/hold-events.ts'
import { type Meaning, meaningOf } from '../../events/meaning.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import { ofRecipient } from '../../spool/recipient-event.ts'
import { diagnose } from './diagnose.ts'
import type { Damaged, Failure, Outcome, TransactionFacts } from './outcome.ts'

/** What all recipients of one attempt have in common. */
export interface Attempt {
  readonly node: string
  readonly site: string
  readonly source: string
  /** `null` where no receiver was reached. */
  readonly facts: TransactionFacts | null
  readonly connectMs: number
  /** Monotonic, when a connection took the recipient. */
  readonly pulledAt: number
  /** Monotonic and wall clock, when it ended. */
  readonly endedAt: number
  readonly now: Instant
  /** Who decides a bounce: the receiver, or our routing. */
  readonly by: 'peer' | 'routing' | 'person'
}

/** `nextAttemptAt` is read for a deferral only. */
export function attemptEvent(
  recipient: ReadyRecipient,
  outcome: Outcome,
  attempt: Attempt,
  nextAttemptAt: Instant,
): Unwritten<OutcomeEvent> {
  const common = {
    ...ofRecipient(recipient.waiting, recipient.queue, attempt.node, attempt.now),
    site: attempt.site,
    source: attempt.source,
    mx: attempt.facts?.mx ?? null,
    tls: attempt.facts?.tls ?? null,
    attempt: recipient.waiting.attempts + 1,
    reply: outcome.reply,
    delays: delaysOf(recipient, attempt),
    conversation: [...(attempt.facts?.conversation ?? [])],
  }
  switch (outcome.kind) {
    case 'delivered':
      return { type: 'message.delivered', ...common }
    case 'deferred':
      return {
        type: 'message.deferred',
        ...common,
        ...withMeaning(outcome),
        said: outcome.said,
        nextAttemptAt: timestampOf(nextAttemptAt),
      }
    case 'bounced':
      return { type: 'message.bounced', ...common, ...withMeaning(outcome), by: attempt.by }
    case 'damaged':
      return damagedEvent(recipient, outcome, attempt)
  }
}

function damagedEvent(
  { queue, waiting }: ReadyRecipient,
  { reply }: Damaged,
  { node, now }: Attempt,
): Unwritten<DamagedEvent> {
  const { attempts, message } = waiting
  const why = `${reply.text}. Restore the data directory from a backup and release the message, or cancel it: "posthaste held release ${message.id}".`
  const recipient = ofRecipient(waiting, queue, node, now)
  return { type: 'message.damaged', ...recipient, attempts, why }
}

function withMeaning({ meant }: Failure): { readonly meaning?: Meaning } {
  return meant === undefined ? {} : { meaning: meaningOf(meant) }
}

/** The age limit of its stream was reached while it waited. */
export function expiredEvent(
  recipient: ReadyRecipient,
  node: string,
  now: Instant,
): Unwritten<ExpiredEvent> {
  const last = recipient.waiting.lastAttempt
  return {
    type: 'message.expired',
    ...ofRecipient(recipient.waiting, recipient.queue, node, now),
    ...tries(recipient),
    ...(last && { meaning: meaningOf(diagnose(last.reply, null, last.mx)) }),
  }
}

/** Its submitter is told that it waits. */
export function delayedEvent(
  recipient: ReadyRecipient,
  node: string,
  now: Instant,
): Unwritten<DelayedEvent> {
  const { dueAt, message } = recipient.waiting
  return {
    type: 'message.delayed',
    ...ofRecipient(recipient.waiting, recipient.queue, node, now),
    ...tries(recipient),
    nextAttemptAt: timestampOf(dueAt),
    retriesUntil: timestampOf(message.expiresAt),
  }
}

function tries({ waiting: { attempts, lastAttempt } }: ReadyRecipient) {
  return { attempts, lastReply: lastAttempt?.reply ?? null }
}

function delaysOf(recipient: ReadyRecipient, attempt: Attempt): Delays {
  const inQueue = attempt.pulledAt - recipient.readySince
  const working = attempt.endedAt - attempt.pulledAt
  const transmit = attempt.facts?.transmitMs ?? 0
  const sinceReception = attempt.now - recipient.waiting.message.receivedAt
  return {
    beforeQueue: Math.max(0, Math.round(sinceReception - inQueue - working)),
    inQueue: Math.round(inQueue),
    connect: Math.round(attempt.connectMs),
    transmit: Math.round(transmit),
  }
}
