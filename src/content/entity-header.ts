// SPDX-License-Identifier: Apache-2.0
/**
 * What the header of a MIME entity (RFC 2045 §2.4) says of its body, and the changes that come with another encoding of it.
 * Fields that do not change keep their octets.
 */
import { invariant } from '../base/invariant.ts'
import {
  fieldValue,
  type HeaderField,
  parseHeaderSection,
} from '../protocol/message/header-section.ts'
import {
  type ContentType,
  contentTypeParameter,
  parseContentType,
  plainText,
  withoutComments,
} from '../protocol/mime/content-type.ts'
import { isLongLine, LONGEST_LINE, linesOf, shortLines } from '../protocol/mime/lines.ts'
import { type HtmlEncoding, isPlainCharset } from './html-part.ts'

/** How a body may be treated. */
export type EntityKind =
  /** Text or data without encoding: may be encoded. */
  | { readonly kind: 'identity' }
  /** Its lines may be broken anywhere. */
  | { readonly kind: 'base64' }
  | { readonly kind: 'multipart'; readonly boundary: string; readonly isDigest: boolean }
  /** A message: a header, and a body after it. */
  | { readonly kind: 'message' }
  /** Signed, encrypted, encoded already, or of a kind that may not be: stays as it is. */
  | { readonly kind: 'opaque' }
  /** No header: stays as it is, and what comes after it too. */
  | { readonly kind: 'unreadable' }

/** RFC 1847 §2.1: signed and encrypted parts are not changed on the way. */
const protectedTypes: ReadonlySet<string> = new Set(['multipart/signed', 'multipart/encrypted'])
const exposedNames = ['content-type', 'content-transfer-encoding', 'content-disposition']
const identityEncodings: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])
/** Of an encoding: none by that name. */
const UNCLEAR = ''
/** RFC 6532 §3.7: unlike message/rfc822 it may be encoded. */
const GLOBAL = 'message/global'

/** `header`: the fields and the blank line. In a digest what says nothing is a message (RFC 2046 §5.1.5). */
export function kindOf(header: Buffer, isInDigest: boolean): EntityKind {
  const fields = fieldsOf(header)
  if (fields === null) return { kind: 'unreadable' }
  if (hasTwo(fields, 'content-type') || hasTwo(fields, 'content-transfer-encoding'))
    return { kind: 'opaque' }
  const encoding = encodingOf(fields)
  const { type, isClear, boundary } = typeOf(fields, isInDigest)
  if (protectedTypes.has(type)) return { kind: 'opaque' }
  if (type.startsWith('multipart/'))
    return boundary !== null && identityEncodings.has(encoding)
      ? { kind: 'multipart', boundary, isDigest: type === 'multipart/digest' }
      : { kind: 'opaque' }
  if (type === 'message/rfc822' && isClear && identityEncodings.has(encoding))
    return { kind: 'message' }
  if (type.startsWith('message/') && type !== GLOBAL) return { kind: 'opaque' }
  if (identityEncodings.has(encoding)) return { kind: 'identity' }
  return { kind: encoding === 'base64' ? 'base64' : 'opaque' }
}

/** How a body is encoded that is HTML for readers to show, in a charset where ASCII is ASCII; `null`: it is none, or not surely. */
export function htmlEncodingOf(header: Buffer): HtmlEncoding | null {
  const fields = fieldsOf(header)
  if (fields === null || exposedNames.some((name) => hasTwo(fields, name))) return null
  const textOf = (name: string) => {
    const field = fields.find((each) => each.name === name)
    return field === undefined ? '' : fieldValue(field)
  }
  const type = textOf('content-type')
  const { isClear, type: name } = parseContentType(type)
  if (name !== 'text/html' || !isClear) return null
  if (!isPlainCharset(contentTypeParameter(type, 'charset'))) return null
  if (/^[\s;]*attachment/i.test(textOf('content-disposition'))) return null
  const encoding = encodingOf(fields)
  if (encoding === '7bit' || encoding === '8bit') return 'identity'
  return encoding === 'base64' || encoding === 'quoted-printable' ? encoding : null
}

/**
 * The header of an entity whose body becomes quoted-printable. A body of which nobody has said what it is, is text of an unknown
 * character set if it is not ASCII: RFC 1428 §3. That an encoding counts needs MIME-Version (RFC 2045 §4) in a message.
 */
export function quotedPrintableHeader(
  header: Buffer,
  body: { readonly is8Bit: boolean; readonly isOfMessage: boolean },
): Buffer {
  const fields = fieldsOf(header)
  invariant(fields, 'only what can be read is encoded')
  const has = (name: string): boolean => fields.some((field) => field.name === name)
  const added = ['Content-Transfer-Encoding: quoted-printable\r\n']
  if (!has('content-type') && body.is8Bit)
    added.unshift('Content-Type: text/plain; charset=unknown-8bit\r\n')
  if (!has('mime-version') && body.isOfMessage) added.unshift('MIME-Version: 1.0\r\n')
  const kept = fields
    .filter(({ name }) => name !== 'content-transfer-encoding')
    .map(({ source, start, end }) => source.subarray(start, end))
  return Buffer.concat([...kept, Buffer.from(`${added.join('')}\r\n`)])
}

/** With its long lines folded at white space (RFC 5322 §2.2.3); `null` where one has none to fold at. */
export function foldedHeader(header: Buffer): Buffer | null {
  if (shortLines(header) === header.length) return header
  const pieces: Buffer[] = []
  for (const line of linesOf(header))
    if (!isLongLine(line)) pieces.push(line)
    else if (!foldLine(line, pieces)) return null
  return Buffer.concat(pieces)
}

/** Each piece but the first begins with white space, and none is white space alone. */
function foldLine(line: Buffer, pieces: Buffer[]): boolean {
  let rest = line
  while (isLongLine(rest)) {
    const at = foldIn(rest)
    if (at === -1) return false
    pieces.push(rest.subarray(0, at), Buffer.from('\r\n'))
    rest = rest.subarray(at)
  }
  pieces.push(rest)
  return true
}

/** The last white space within the longest line that has something other before and behind it; -1 where there is none. */
function foldIn(line: Buffer): number {
  for (let at = LONGEST_LINE; at > 1; at--) {
    if (!isWhite(line[at]) || isWhite(line[at - 1])) continue
    const isBlank = (octets: Buffer): boolean => octets.toString('latin1').trim() === ''
    if (!isBlank(line.subarray(0, at)) && !isBlank(line.subarray(at))) return at
  }
  return -1
}

function isWhite(octet: number | undefined): boolean {
  return octet === 32 || octet === 9
}

/** Of which readers take the first, or the last. */
function hasTwo(fields: readonly HeaderField[], name: string): boolean {
  return fields.filter((field) => field.name === name).length > 1
}

function typeOf(fields: readonly HeaderField[], isInDigest: boolean): ContentType {
  const field = fields.find(({ name }) => name === 'content-type')
  if (field) return parseContentType(fieldValue(field))
  return isInDigest ? { type: 'message/rfc822', isClear: true, boundary: null } : plainText
}

/**
 * Lower-case. RFC 2045 §6.1: 7bit where nothing is said. Of an encoding that not every reader finds, because a comment, a line end
 * or anything else stands beside it, only that is known: what is not encoded looks the same to all of them.
 */
function encodingOf(fields: readonly HeaderField[]): string {
  const field = fields.find(({ name }) => name === 'content-transfer-encoding')
  const value = field ? fieldValue(field) : ''
  if (!field || value === '') return '7bit'
  const [encoding = UNCLEAR] = /[^ \t;]+/.exec(withoutComments(value)) ?? []
  const token = encoding.toLowerCase()
  const { source, valueAt, end } = field
  const isBare = /^[ \t]*(\S+)\r\n$/.exec(source.toString('latin1', valueAt, end))?.[1] === encoding
  return isBare || identityEncodings.has(token) ? token : UNCLEAR
}

/** `null` where it is no header, or not to all: many end it at a name with white space before the colon (RFC 5322 §4.5). */
function fieldsOf(header: Buffer): readonly HeaderField[] | null {
  const section = parseHeaderSection(header, Math.max(0, header.length - 2))
  if (section.kind === 'fault') return null
  const isObsolete = ({ start, name, valueAt }: HeaderField) => valueAt > start + name.length + 1
  return section.fields.some(isObsolete) ? null : section.fields
}
