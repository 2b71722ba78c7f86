// SPDX-License-Identifier: Apache-2.0
/**
 * What the rest of the relay wants to know of a header section: who it is from, for the choice of keys and the check of
 * domains, and a few bounded texts for events.
 */
import { isAscii } from 'node:buffer'
import { contentLimits } from '../base/limits/limits.ts'
import { type Domain, domainOf, type Mailbox } from '../protocol/mailbox.ts'
import { parseAddressList } from '../protocol/message/address-list.ts'
import { decodeEncodedWords } from '../protocol/message/encoded-words.ts'
import { fieldValue, type HeaderField } from '../protocol/message/header-section.ts'

export interface HeaderFacts {
  /** The first mailbox of From and its domain: whom the message is from, and whose keys sign. */
  readonly from: Mailbox
  readonly fromDomain: Domain
  /** The domains of all mailboxes in From, each once; nearly always one. All of them need the right to be there. */
  readonly fromDomains: readonly Domain[]
  /** Of Sender, which readers show beside From; `null` where there is none. */
  readonly senderDomain: Domain | null
  /** From as people read it: decoded, bounded, without control characters. */
  readonly headerFrom: string
  /** As written by the submitter, bounded; `null` where we add one. */
  readonly messageId: string | null
  /** Decoded, bounded, without control characters; `null` where absent. */
  readonly subject: string | null
  /** Of List-Id (RFC 2919), lower case; `null` where there is none. The first, where there are several. */
  readonly listId: string | null
  /** Before ours. */
  readonly receivedCount: number
  readonly hasDate: boolean
  /** UTF-8 in a field needs SMTPUTF8 on the way on (RFC 6532). */
  readonly is8BitHeader: boolean
  /** Octets over 127 in the body need 8BITMIME on the way on (RFC 6152). */
  readonly is8BitBody: boolean
}

/** Why a header section cannot be relied on: what, and in which field. docs/protocol-headers.md says what else is not asked. */
export interface FieldFault {
  readonly fault: 'missing' | 'repeated' | 'no-mailbox' | 'doubtful-mailbox' | 'too-many-mailboxes'
  /** As people write it. */
  readonly field: string
}

/** RFC 5322 §3.6: at most once. Where one stands twice, one reader takes the first and another the last. */
const singleFields: ReadonlyMap<string, string> = new Map(
  [
    ...['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Subject', 'Date', 'Message-ID'],
    ...['In-Reply-To', 'References'],
  ].map((name) => [name.toLowerCase(), name]),
)

/** Everything but the body's part. */
export type FieldFacts = Omit<HeaderFacts, 'is8BitBody'>

export function readFieldFacts(fields: readonly HeaderField[]): FieldFacts | FieldFault {
  const found = new Map<string, HeaderField>()
  let receivedCount = 0
  let listField: HeaderField | null = null
  for (const field of fields) {
    if (field.name === 'received') receivedCount++
    else if (field.name === 'list-id') listField ??= field
    const single = singleFields.get(field.name)
    if (single === undefined) continue
    if (found.has(field.name)) return { fault: 'repeated', field: single }
    found.set(field.name, field)
  }
  const from = found.get('from')
  if (from === undefined) return { fault: 'missing', field: 'From' }
  const authors = mailboxesOf(from, 'From', contentLimits.mailboxesPerField)
  if ('fault' in authors) return authors
  const senders = senderOf(found.get('sender'), authors.length)
  if ('fault' in senders) return senders
  const [first] = authors
  const [sender] = senders
  const messageId = found.get('message-id')
  const subject = found.get('subject')
  return {
    from: first,
    fromDomain: domainOf(first),
    fromDomains: authors.length === 1 ? [domainOf(first)] : [...new Set(authors.map(domainOf))],
    senderDomain: sender === undefined ? null : domainOf(sender),
    headerFrom: textOf(from),
    messageId: messageId === undefined ? null : textOf(messageId),
    subject: subject === undefined ? null : textOf(subject),
    listId: listField === null ? null : listIdIn(fieldValue(listField)),
    receivedCount,
    hasDate: found.has('date'),
    is8BitHeader: !isAscii(from.source.subarray(0, fields.at(-1)?.end)),
  }
}

/** RFC 5322 §3.6.2: one mailbox; and with several authors somebody must have sent it. */
function senderOf(
  field: HeaderField | undefined,
  authors: number,
): readonly Mailbox[] | FieldFault {
  if (field !== undefined) return mailboxesOf(field, 'Sender', 1)
  return authors > 1 ? { fault: 'missing', field: 'Sender' } : []
}

function mailboxesOf(
  field: HeaderField,
  name: string,
  most: number,
): readonly [Mailbox, ...Mailbox[]] | FieldFault {
  const { mailboxes, doubtful } = parseAddressList(fieldValue(field), most + 1)
  const [first, ...others] = mailboxes
  if (first === undefined) return { fault: 'no-mailbox', field: name }
  // Else a reader might show an address whose domain nobody asked about.
  if (doubtful > 0) return { fault: 'doubtful-mailbox', field: name }
  if (mailboxes.length > most) return { fault: 'too-many-mailboxes', field: name }
  return [first, ...others]
}

/** RFC 2919 §3: the last thing in angle brackets, after a description; at most 255 octets. */
function listIdIn(value: string): string | null {
  const id = /<([!-;=?-~]{1,255})>[^<>]*$/.exec(value)?.[1]
  return id?.toLowerCase() ?? null
}

function textOf(field: HeaderField): string {
  const end = Math.min(field.end, field.valueAt + contentLimits.factOctets)
  return decodeEncodedWords(fieldValue({ ...field, end }), contentLimits.factCharacters)
}
