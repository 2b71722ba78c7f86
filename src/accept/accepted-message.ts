// SPDX-License-Identifier: Apache-2.0
/** A message as the spool keeps it, of what its submitter said and what was made of that. */
import { type DurationMs, type Instant, plus } from '../base/brand.ts'
import type { HeaderFacts } from '../content/header-facts.ts'
import { timestampOf } from '../events/event.ts'
import type { MessageId } from '../events/ids.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { isInternational } from '../protocol/mailbox.ts'
import type { Hold, Message, MessageReports } from '../spool/message.ts'
import type { Submitter } from './acceptor.ts'
import type { Passed } from './gate/gate.ts'
import type { Handling } from './handling.ts'
import { priorityClass } from './priority-class.ts'

export interface Accepting {
  readonly id: MessageId
  readonly submitter: Submitter
  /** As it was declared. */
  readonly envelope: Envelope
  readonly facts: HeaderFacts
  readonly size: number
  readonly handling: Handling
  readonly verdict: Passed
  readonly hold: Hold | null
  /** `null`: nobody needs them now. */
  readonly bands: string | null
  readonly receivedAt: Instant
  /** When it goes out at the earliest, were it not held. */
  readonly goesAt: Instant
  readonly delayReportAfter: DurationMs
  readonly retryOf: MessageId | null
}

export function acceptedMessage(accepting: Accepting): Message {
  const { facts, goesAt, handling, hold, submitter, verdict } = accepting
  const { stream, campaign, labels, sandbox, sendAt } = handling
  const envelope = asItIs(accepting.envelope, facts, sendAt)
  const { requireTls = false, priority = 0 } = envelope
  const { credential } = submitter
  return {
    id: accepting.id,
    receivedAt: accepting.receivedAt,
    expiresAt: plus(hold?.until ?? goesAt, stream.expiresAfter),
    tenant: submitter.tenant,
    stream: stream.name,
    campaign,
    ...(labels && { labels }),
    ...(hold && { hold }),
    ...(credential !== null && { credential }),
    ...(sandbox && { sandbox }),
    ...(accepting.bands !== null && { bands: accepting.bands }),
    ...(facts.listId !== null && { list: facts.listId }),
    envelope,
    returnPathDomain: envelope.reversePath === null ? null : verdict.returnPathDomain,
    // Each domain must be sure of its hosts by itself (RFC 8689 §4.2.1).
    mayShareTransaction: !requireTls && stream.mayShareTransaction,
    reports: reportsOf(accepting),
    priority: priorityClass(stream.priority, priority),
    retryOf: accepting.retryOf,
    size: accepting.size,
  }
}

function reportsOf({
  delayReportAfter,
  envelope,
  goesAt,
  handling: { stream },
}: Accepting): MessageReports | null {
  if (envelope.reversePath === null || !stream.sendsReports) return null
  return { delayAt: delayReportAfter < stream.expiresAfter ? plus(goesAt, delayReportAfter) : null }
}

/**
 * What the content needs, not what was declared: many clients send 8-bit text without BODY=8BITMIME, and a
 * message that was declared SMTPUTF8 and needs it nowhere may go to any receiver (RFC 6531 §3.4).
 */
function asItIs(envelope: Envelope, facts: HeaderFacts, sendAt: Instant | null): Envelope {
  const isInternationalised =
    facts.is8BitHeader ||
    envelope.recipients.some(({ forwardPath }) => isInternational(forwardPath))
  return {
    ...envelope,
    body: facts.is8BitBody || facts.is8BitHeader ? '8BITMIME' : '7BIT',
    smtputf8: envelope.smtputf8 && isInternationalised,
    // What the client asked for on the wire (RFC 4865) stands before a field in its content.
    ...(sendAt !== null &&
      !envelope.release && { release: { at: sendAt, asked: `until;${timestampOf(sendAt)}` } }),
  }
}
