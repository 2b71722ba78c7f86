// SPDX-License-Identifier: Apache-2.0
/**
 * What comes of a mail that came in: findings about mail of ours, and whether a person must see it. Depends on which address it
 * came to, on what it is, and on what proves which message it is about. Nothing that a person wrote is swallowed.
 */
import type { Authentication } from '../events/authentication.ts'
import { type MessageId, messageIdOf } from '../events/ids.ts'
import { domainOf } from '../protocol/mailbox.ts'
import type { ReadReport, ReportKind } from '../protocol/report/report-facts.ts'
import type { FoundToken } from './evidence.ts'
import type { Finding, FindingKind } from './finding.ts'
import type { InboundAddress } from './inbound-addresses.ts'
import type { GuessedMail } from './reported-mail.ts'

/** What was read of a mail, whomever it came for. */
export interface InboundFacts {
  readonly report: ReadReport
  /** The first that is in it; not looked for where every address is a token itself. */
  readonly token: FoundToken | null
  /** Whose return paths are at a domain; `null`: nobody's here. */
  readonly tenantOf: (domain: string) => string | null
  /** Messages that it names without proof. */
  readonly ids: readonly MessageId[]
  readonly authentication: Authentication | null
  /** A complaint that its sender did not send. */
  readonly isForged: boolean
  readonly peer: string
  readonly size: number
}

type NamedAddress = Extract<InboundAddress, { kind: 'role' }>

export interface Judgement {
  readonly finding: Finding
  /** It goes to the operator. */
  readonly isForPerson: boolean
}

const consequences: Readonly<Record<ReportKind, FindingKind>> = {
  bounce: 'bounced',
  complaint: 'complained',
  unsubscribe: 'unsubscribed',
  delayed: 'noted',
  'auto-reply': 'noted',
  other: 'noted',
}

export function judge(address: InboundAddress, facts: InboundFacts): Judgement {
  if (facts.isForged)
    return note('forged', facts, address.kind === 'token' ? foundIn(address) : facts.token)
  return address.kind === 'token'
    ? judgeReturned(foundIn(address), facts)
    : judgeNamed(address, facts)
}

function foundIn({ mailbox, token }: Extract<InboundAddress, { kind: 'token' }>): FoundToken {
  return { ...token, domain: domainOf(mailbox) }
}

/** To a return path of ours. */
function judgeReturned(token: FoundToken, facts: InboundFacts): Judgement {
  const { report } = facts
  if (isPersonal(report)) return note('forwarded', facts, token)
  if (token.isExpired) return note('expired', facts, token)
  return act(consequences[report.kind], facts, token)
}

function judgeNamed({ mailbox, role }: NamedAddress, facts: InboundFacts): Judgement {
  const { report, ids } = facts
  // One that stood alone (in the subject) was sent to the address that was given with it.
  const token = facts.token && { ...facts.token, domain: facts.token.domain ?? domainOf(mailbox) }
  if (token?.isExpired) return note('expired', facts, token)
  const isKnown = token !== null || ids.length > 0
  // Who writes to this address with our token wants no more, whatever else the mail says.
  if (role === 'unsubscribe' && token !== null && isPersonal(report))
    return act('unsubscribed', facts, token)
  const what = consequences[report.kind]
  if (what !== 'noted' && isKnown) return act(what, facts, token)
  const isMachine = report.kind === 'auto-reply' || report.feedbackType !== null
  if (isMachine) return note(isKnown ? 'noted' : 'unmatched', facts, token)
  return note('forwarded', facts, token)
}

/** Whether nothing in it says which message it is about. A report that is forged is not looked into. */
export function isUnmatched({ finding: { fate, messageId } }: Judgement): boolean {
  return messageId === null && (fate === 'unmatched' || fate === 'forwarded')
}

/** It may be about `mail`: a person can see it there, and nothing else follows. */
export function guessed({ finding, isForPerson }: Judgement, mail: GuessedMail): Judgement {
  const { messageId, recipientIndex } = mail
  const about = { messageId, recipientIndex, certainty: 'possible', fate: 'guessed' } as const
  return { finding: { ...finding, ...about }, isForPerson }
}

/** Nothing that a program understands. */
function isPersonal({ kind, form }: ReadReport): boolean {
  return kind === 'other' && form === 'none'
}

function act(what: FindingKind, facts: InboundFacts, token: FoundToken | null): Judgement {
  return { finding: { ...findingOf(facts, token), what }, isForPerson: false }
}

function note(fate: Finding['fate'], facts: InboundFacts, token: FoundToken | null): Judgement {
  const finding = { ...findingOf(facts, token), what: 'noted' as const, fate }
  return { finding, isForPerson: fate === 'forwarded' }
}

function findingOf(
  { authentication, ids, peer, report, size, tenantOf }: InboundFacts,
  good: FoundToken | null,
): Finding {
  const token = good?.token ?? null
  const [likely = null] = ids
  const messageId = token === null ? likely : messageIdOf(token.messageId)
  return {
    what: 'noted',
    messageId,
    recipientIndex: token?.recipientIndex ?? null,
    addressHash:
      token === null || token.recipientIndex === null
        ? null
        : Buffer.from(token.addressHash).toString('hex'),
    tenant: good === null || good.domain === null ? null : tenantOf(good.domain),
    certainty: certaintyOf(token !== null, messageId),
    kind: report.kind,
    fate: 'noted',
    feedbackType: report.feedbackType,
    concerned: concernedIn(report),
    reportingMta: report.reportingMta,
    peer,
    authentication,
    size,
    web: null,
  }
}

function certaintyOf(isProven: boolean, messageId: MessageId | null): Finding['certainty'] {
  if (messageId === null) return null
  return isProven ? 'proven' : 'likely'
}

/** Of a bounce those that failed: others in it may have been delivered. */
function concernedIn({ kind, recipients }: ReadReport): Finding['concerned'] {
  return recipients
    .filter(({ action }) => kind !== 'bounce' || action === 'failed')
    .map(({ address, code, status, text }) => ({ address, code, status, text }))
}
