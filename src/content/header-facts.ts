// SPDX-License-Identifier: Apache-2.0
/**
 * What the rest of the relay wants to know of a header section: who it is from, for the choice of keys and the check of
 * domains, and a few bounded texts for events.
 */
import { isAscii } from 'node:buffer'
import { contentLimits } from '../base/limits.ts'
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
  /** From as people read it: decoded, bounded, without control characters. */
  readonly headerFrom: string
  /** As written by the submitter, bounded; `null` where we add one. */
  readonly messageId: string | null
  /** Decoded, bounded, without control characters; `null` where absent. */
  readonly subject: string | null
  /** Before ours. */
  readonly receivedCount: number
  readonly hasDate: boolean
  /** UTF-8 in a field needs SMTPUTF8 on the way on (RFC 6532). */
  readonly is8BitHeader: boolean
  /** Octets over 127 in the body need 8BITMIME on the way on (RFC 6152). */
  readonly is8BitBody: boolean
}

/** Why From cannot be relied on. */
export type FromFault =
  | 'no-from'
  | 'several-from'
  | 'no-mailbox'
  | 'doubtful-mailbox'
  | 'too-many-mailboxes'

/** Everything but the body's part. */
export type FieldFacts = Omit<HeaderFacts, 'is8BitBody'>

export function readFieldFacts(fields: readonly HeaderField[]): FieldFacts | FromFault {
  const from = fields.find((field) => field.name === 'from')
  if (from === undefined) return 'no-from'
  let subject: HeaderField | null = null
  let messageId: HeaderField | null = null
  let receivedCount = 0
  let hasDate = false
  for (const field of fields) {
    if (field.name === 'received') receivedCount++
    else if (field.name === 'from' && field !== from) return 'several-from'
    else if (field.name === 'subject') subject ??= field
    else if (field.name === 'message-id') messageId ??= field
    else if (field.name === 'date') hasDate = true
  }
  const { mailboxes, doubtful } = parseAddressList(
    fieldValue(from),
    contentLimits.mailboxesPerField + 1,
  )
  const [first] = mailboxes
  if (first === undefined) return 'no-mailbox'
  // Else a reader might show an address whose domain nobody asked about.
  if (doubtful > 0) return 'doubtful-mailbox'
  if (mailboxes.length > contentLimits.mailboxesPerField) return 'too-many-mailboxes'
  return {
    from: first,
    fromDomain: domainOf(first),
    fromDomains: [...new Set(mailboxes.map(domainOf))],
    headerFrom: textOf(from),
    messageId: messageId && textOf(messageId),
    subject: subject && textOf(subject),
    receivedCount,
    hasDate,
    is8BitHeader: !isAscii(from.source.subarray(0, fields.at(-1)?.end)),
  }
}

function textOf(field: HeaderField): string {
  const end = Math.min(field.end, field.valueAt + contentLimits.factOctets)
  return decodeEncodedWords(fieldValue({ ...field, end }), contentLimits.factCharacters)
}
