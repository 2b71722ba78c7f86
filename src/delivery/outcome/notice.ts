// SPDX-License-Identifier: Apache-2.0
/** What a submitter may have to be told of one recipient: the material of a DSN. Whether it is owed is decided later. */
import type { Instant } from '../../base/brand.ts'
import type { Speaker } from '../../events/event.ts'
import { type Fate, notifyOf, wantsReport } from '../../protocol/dsn/report-facts.ts'
import type { Reply } from '../../protocol/reply.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import type { Outcome, TransactionFacts } from './outcome.ts'

export interface Notice {
  readonly recipient: ReadyRecipient
  readonly fate: Fate
  /** The last one; `null` where none was ever given. */
  readonly reply: Reply | null
  readonly said: Speaker
  /** The host that it was tried at; `null` where none was. */
  readonly mx: string | null
  readonly lastAttemptAt: Instant | null
}

/** Of an attempt that ended; `null` where there is nothing to tell. */
export function noticeOfAttempt(
  recipient: ReadyRecipient,
  outcome: Outcome,
  facts: TransactionFacts | null,
  now: Instant,
): Notice | null {
  const isTold =
    outcome.kind === 'bounced' || (outcome.kind === 'delivered' && isOursToTell(recipient, facts))
  if (!isTold) return null
  const fate: Fate = { kind: outcome.kind === 'bounced' ? 'bounced' : 'relayed' }
  const said = outcome.kind === 'delivered' ? 'peer' : outcome.said
  return { recipient, fate, reply: outcome.reply, said, mx: facts?.mx ?? null, lastAttemptAt: now }
}

/** Of who waits, or has waited too long: in the words of the last attempt. */
export function noticeOfWait(recipient: ReadyRecipient, fate: Fate): Notice {
  const { lastAttempt } = recipient.waiting
  return {
    recipient,
    fate,
    reply: lastAttempt?.reply ?? null,
    said: lastAttempt?.said ?? 'us',
    mx: lastAttempt?.mx ?? null,
    lastAttemptAt: lastAttempt?.at ?? null,
  }
}

export function isOwed({ recipient: { waiting }, fate }: Notice): boolean {
  const { message, index } = waiting
  const recipient = message.envelope.recipients[index]
  if (!message.reports || !recipient) return false
  return wantsReport(message.envelope, recipient, notifyOf[fate.kind])
}

/**
 * A receiver with DSN takes over to report success, RFC 3461 §5.2, but only to the reverse-path that it is given: where that
 * is ours, the submitter would wait for ever.
 */
function isOursToTell({ waiting }: ReadyRecipient, facts: TransactionFacts | null): boolean {
  const { message, index } = waiting
  if (!message.envelope.recipients[index]?.notify?.includes('SUCCESS')) return false
  return message.returnPathDomain !== null || !facts?.offersDsn
}
