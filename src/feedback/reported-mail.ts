// SPDX-License-Identifier: Apache-2.0
/**
 * What a report says of the mail that it is about where neither a token nor an id of ours is in it: to whom it went, and what came
 * back of its envelope and header. Whoever knows what was sent may find the one message that fits, which is a guess and no more.
 */
import type { MessageId } from '../events/ids.ts'
import { domainOf } from '../protocol/mailbox.ts'
import { parseAddressList } from '../protocol/message/address-list.ts'
import type { ReadReport, ReportKind } from '../protocol/report/report-facts.ts'

export interface ReportedMail {
  readonly kind: ReportKind
  /** The only one that the report names, lower case. */
  readonly recipient: string
  /** Of its header From, lower case; `null`, as below: the report does not have it. */
  readonly fromDomain: string | null
  /** With its angle brackets. */
  readonly headerMessageId: string | null
  /** Of its header, ms since 1970. */
  readonly date: number | null
}

/** One delivery of ours. */
export interface SentMail {
  readonly messageId: MessageId
  readonly recipientIndex: number
  /** When it came in, ms since 1970. */
  readonly receivedAt: number
  /** As its header has it; `null`: it has none. */
  readonly headerFrom: string | null
  readonly headerMessageId: string | null
}

export type GuessedMail = Pick<SentMail, 'messageId' | 'recipientIndex'>

/** Who knows what was sent. */
export interface SentMailIndex {
  /** The only mail that fits; `null`: there is none, or more than one, or that is not known. Rejects where nobody answers in time. */
  find(about: ReportedMail): Promise<GuessedMail | null>
}

const DAY_MS = 86_400_000
/** Programs that write mail long before they hand it in, and clocks that are wrong. */
const DATE_DIFFERS = DAY_MS

/** `null`: it is no report of a bounce, a complaint or a wish, or does not name one recipient and no other. */
export function reportedMailIn({ kind, recipients, returned }: ReadReport): ReportedMail | null {
  if (kind !== 'bounce' && kind !== 'complaint' && kind !== 'unsubscribe') return null
  const named = new Set(recipients.flatMap(({ address }) => address?.toLowerCase() ?? []))
  const [recipient] = named
  if (recipient === undefined || named.size > 1) return null
  const date = Date.parse(returned.first('date') ?? '')
  return {
    kind,
    recipient,
    fromDomain: fromDomainOf(returned.first('from')),
    headerMessageId: returned.first('message-id'),
    date: Number.isNaN(date) ? null : date,
  }
}

/** `sent`: all that went to its recipient lately. `null`: none of it fits, or more than one does, whoever sent them. */
export function theOneIn(sent: readonly SentMail[], about: ReportedMail): GuessedMail | null {
  const [one, ...others] = sent.filter((mail) => fits(mail, about))
  if (one === undefined || others.length > 0) return null
  const { messageId, recipientIndex } = one
  return { messageId, recipientIndex }
}

/** What the report does not say speaks against none. */
function fits(mail: SentMail, { date, fromDomain, headerMessageId }: ReportedMail): boolean {
  if (fromDomain !== null && fromDomainOf(mail.headerFrom) !== fromDomain) return false
  if (headerMessageId !== null && mail.headerMessageId !== headerMessageId) return false
  return date === null || Math.abs(mail.receivedAt - date) <= DATE_DIFFERS
}

function fromDomainOf(field: string | null): string | null {
  const [author] = parseAddressList(field ?? '', 1).mailboxes
  return author === undefined ? null : domainOf(author)
}
