// SPDX-License-Identifier: Apache-2.0
/**
 * A delivery report in words alone: of qmail, Exim, Exchange, Notes, Yahoo and the many that follow no standard. It is one where
 * its author or subject says so, its words say that something was not delivered, and whom it is about can be told.
 */
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import type { LooseFields } from '../message/loose-fields.ts'
import type { Mail } from '../mime/mail-reader.ts'
import { hasSubjectOfNotice, isFromMailSystem } from './mail-system.ts'
import { addressesIn, addressIn, folded } from './named-address.ts'
import { givenUp, notDelivered, stillTried } from './notice-phrases.ts'
import { noticeSections } from './notice-sections.ts'
import type { ConcernedRecipient, ReportedAction, ReportKind } from './report-facts.ts'
import { reportedReply } from './reported-reply.ts'

export interface Notice {
  readonly kind: ReportKind
  readonly recipients: readonly ConcernedRecipient[]
  readonly returned: LooseFields
}

interface Mention {
  readonly address: string
  /** In the words. */
  readonly at: number
  /** It stands where programs put the recipient: alone, or first in its line. */
  readonly isHeading: boolean
}

/** Before an address at the beginning of a line: marks of a list, and words that only introduce it. */
const LEAD =
  /^[\s>*•·\-"'<([]*(?:(?:[^@\n]{0,200}\bSMTP=)?(?:to|recipients?|addressee|address|user|failed recipient|mailbox|rcpt to|smtp)?\s*[:=]?\s*[<"'(]*)?$/i
/** Lines that name somebody else: who wrote, whom to ask, what was sent. */
const OTHERS =
  /\b(?:from|sender|sent by|reply-to|message-id|contact|assistance|questions?|help|mailto|https?|postmaster for|reporting-mta|return-path|helo|subject)\b/i
/** Exchange says first which mail it is about: `To`, `Subject`, `Sent`. */
const QUOTED_TO = /^\s*To:\s*[<"]?$/i
const QUOTED_NEXT = /^\s*(?:Subject|Sent|Cc|Date):/i
const OWN =
  /^(?:postmaster|mailer-daemon|abuse|support|help(?:desk)?|webmaster|no-?reply|hostmaster|administrator)@/i

/** `null`: it is none. `returned`: what came back in a part of its own. */
export function readNotice(mail: Mail, returned: LooseFields): Notice | null {
  const isSigned = isFromMailSystem(mail)
  if (!isSigned && (!hasSubjectOfNotice(mail) || isAnswer(mail))) return null
  const sections = noticeSections(mail, returned)
  const { words } = sections
  const says = (phrases: readonly RegExp[]) => phrases.some((phrase) => phrase.test(words))
  const isDelayed = says(stillTried) && !says(givenUp)
  if (!isDelayed && !says(notDelivered) && !(isSigned && hasSubjectOfNotice(mail))) return null
  const action: ReportedAction = isDelayed ? 'delayed' : 'failed'
  const recipients = recipientsOf(mail, sections.words, sections.returned, action)
  return { kind: isDelayed ? 'delayed' : 'bounce', recipients, returned: sections.returned }
}

function recipientsOf(
  mail: Mail,
  words: string,
  returned: LooseFields,
  action: ReportedAction,
): readonly ConcernedRecipient[] {
  const named = namedInFields(mail)
  const mentions = mentionsIn(words, strangersTo(mail, returned))
  if (named.length > 0)
    return named.map((address) => concerned(address, saidOf(address, words, mentions), action))
  const headings = mentions.filter(({ isHeading }) => isHeading)
  const chosen = headings.length > 0 ? headings : mentions
  if (chosen.length > 0)
    return distinct(chosen).map((mention) =>
      concerned(mention.address, saidAfter(mention, chosen, words), action),
    )
  // The words name nobody: a mail that went to one mailbox alone can be about nobody else.
  const to = returned.first('to')
  const all = to === null ? [] : [...addressesIn(to)]
  const [only] = all
  return only !== undefined && all.length === 1 ? [concerned(only.address, words, action)] : []
}

/** A person who answers to a report, or asks about one. */
function isAnswer({ fields }: Mail): boolean {
  return (
    fields.first('references') !== null || /^\s*(?:re|aw|sv|fwd?)\s*:/i.test(fields.text('subject'))
  )
}

/** Exim, and those that took its field over. */
function namedInFields({ fields }: Mail): readonly string[] {
  const values = fields.all('x-failed-recipients').flatMap((value) => value.split(','))
  return values.flatMap((value) => addressIn(value) ?? []).slice(0, reportLimits.recipients)
}

/** Who is no recipient: the two ends of the report, and the author of what came back. */
function strangersTo({ fields }: Mail, returned: LooseFields): ReadonlySet<string> {
  const others = [
    ...['from', 'sender', 'reply-to', 'return-path'].flatMap((name) => returned.all(name)),
    ...['from', 'to', 'cc', 'sender', 'reply-to', 'return-path', 'errors-to'].flatMap((name) =>
      fields.all(name),
    ),
  ]
  return new Set(
    others.flatMap((value) => [...addressesIn(value)].map(({ address }) => folded(address))),
  )
}

function mentionsIn(words: string, strangers: ReadonlySet<string>): readonly Mention[] {
  const mentions: Mention[] = []
  for (const { address, at } of addressesIn(words)) {
    if (mentions.length >= reportLimits.recipients) break
    const lineAt = words.lastIndexOf('\n', at) + 1
    const before = words.slice(lineAt, at)
    const lineEnd = words.indexOf('\n', at)
    // What was sent, to whom: the mail is quoted, not its recipient.
    if (lineEnd !== -1 && QUOTED_TO.test(before) && QUOTED_NEXT.test(words.slice(lineEnd + 1)))
      continue
    if (strangers.has(folded(address)) || OWN.test(address) || OTHERS.test(before)) continue
    mentions.push({ address, at, isHeading: LEAD.test(before) })
  }
  return mentions
}

/** What the words of a report say of a recipient of whom its fields say too little; empty where that is nothing. */
export function wordsAbout(mail: Mail, returned: LooseFields, address: string): string {
  const { words } = noticeSections(mail, returned)
  const mentions = mentionsIn(words, new Set())
  const hasMention = mentions.some((each) => folded(each.address) === folded(address))
  return hasMention ? saidOf(address, words, mentions) : ''
}

function distinct(mentions: readonly Mention[]): readonly Mention[] {
  const known = new Map<string, Mention>()
  for (const mention of mentions)
    if (!known.has(folded(mention.address))) known.set(folded(mention.address), mention)
  return [...known.values()]
}

function saidOf(address: string, words: string, mentions: readonly Mention[]): string {
  const mention = mentions.find((each) => folded(each.address) === folded(address))
  return mention === undefined ? words : saidAfter(mention, mentions, words)
}

/**
 * What is said of a recipient stands behind it and goes on until the next one. Where that has no reply, and there is nobody
 * else, what stands before may be about it as well.
 */
function saidAfter(mention: Mention, all: readonly Mention[], words: string): string {
  const next = all.find(
    ({ address, at }) => at > mention.at && folded(address) !== folded(mention.address),
  )
  const start = mention.at + mention.address.length
  const end = Math.min(next?.at ?? words.length, start + 2 * reportLimits.diagnosticCharacters)
  const said = words.slice(start, end).replace(/^[\s>"')\]:;,.]+/, '')
  const hasReply = reportedReply(said).code !== null
  return next !== undefined || hasReply ? said : `${said}\n${words.slice(0, mention.at)}`
}

function concerned(address: string, said: string, action: ReportedAction): ConcernedRecipient {
  const { status, code, text } = reportedReply(said)
  return { address, action, status, code, text, remoteMta: null }
}
