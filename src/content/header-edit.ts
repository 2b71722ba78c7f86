// SPDX-License-Identifier: Apache-2.0
/**
 * The changes to a header section: what we add is new octets, what stays are views of the old ones. Trace fields go on top
 * (RFC 5321 §4.4), other missing fields at the end, so that the block of trace fields stays together (RFC 5322 §3.6).
 */
import { invariant } from '../base/invariant.ts'
import { formatDateTime } from '../protocol/message/date-time.ts'
import { type HeaderField, parseHeaderSection } from '../protocol/message/header-section.ts'
import type { ContentOptions } from './content-options.ts'
import type { WaysOut } from './content-policy.ts'
import { CONTROL_PREFIX } from './control-fields.ts'
import type { FieldFacts } from './header-facts.ts'
import { receivedField } from './received-field.ts'

/** Bcc names recipients that the others shall not see; Return-Path is the last receiver's to write (RFC 5321 §4.4). */
const removedNames: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'return-path'])

/** What was said to the relay is nobody else's business either. */
function isRemoved(name: string): boolean {
  return removedNames.has(name) || name.startsWith(CONTROL_PREFIX)
}

export interface EditedHeader {
  /** As they will be sent, in order. */
  readonly header: readonly HeaderField[]
  /** The same as octets, without the blank line. */
  readonly chunks: readonly Uint8Array[]
}

/** `fields` cover the beginning of `source` without gaps. */
export function editHeader(
  source: Buffer,
  fields: readonly HeaderField[],
  facts: FieldFacts,
  options: ContentOptions & { readonly unsubscribe?: WaysOut | null },
): EditedHeader {
  const received = newFields(receivedField(options))
  const header = [...received]
  const chunks: Uint8Array[] = received.map(octetsOf)
  let keptFrom = 0
  let end = 0
  for (const field of fields) {
    end = field.end
    if (!isRemoved(field.name)) {
      header.push(field)
      continue
    }
    if (field.start > keptFrom) chunks.push(source.subarray(keptFrom, field.start))
    keptFrom = field.end
  }
  if (end > keptFrom) chunks.push(source.subarray(keptFrom, end))
  for (const field of missingFields(fields, facts, options)) {
    header.push(field)
    chunks.push(octetsOf(field))
  }
  return { header, chunks }
}

/** RFC 6409 §8.2 and §8.3; RFC 2369 §3.2 and RFC 8058 §3.1. */
function missingFields(
  fields: readonly HeaderField[],
  facts: FieldFacts,
  options: Parameters<typeof editHeader>[3],
): readonly HeaderField[] {
  let text = facts.hasDate ? '' : `Date: ${formatDateTime(options.now)}\r\n`
  if (facts.messageId === null)
    text += `Message-ID: <${options.id.toLowerCase()}@${facts.fromDomain}>\r\n`
  const { unsubscribe = null } = options
  const has = (wanted: string): boolean => fields.some(({ name }) => name === wanted)
  if (unsubscribe === null || has('list-unsubscribe')) return newFields(text)
  const { mailto, oneClick } = unsubscribe
  if (oneClick === null) return newFields(`${text}List-Unsubscribe:\r\n <${mailto}>\r\n`)
  text += `List-Unsubscribe:\r\n <${oneClick}>,\r\n <${mailto}>\r\n`
  if (!has('list-unsubscribe-post')) text += 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n'
  return newFields(text)
}

function newFields(text: string): readonly HeaderField[] {
  const section = parseHeaderSection(Buffer.from(text))
  invariant(section.kind === 'section', 'the fields that we add are well-formed')
  return section.fields
}

function octetsOf(field: HeaderField): Uint8Array {
  return field.source.subarray(field.start, field.end)
}
