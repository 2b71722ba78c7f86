// SPDX-License-Identifier: Apache-2.0
/**
 * The parts of a mail that somebody else wrote, to be read and never to be sent on: tolerant of every damage, bounded in time
 * and memory. Multiparts are taken apart (RFC 2046 §5.1); a message within a message stays whole, for who wants to look inside.
 */
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import { decodeText } from '../message/charset.ts'
import { type LooseFields, readFields, splitHeader } from '../message/loose-fields.ts'
import { contentTypeParameter, parseContentType } from './content-type.ts'
import { decodeQuotedPrintable } from './quoted-printable.ts'

/** What is no multipart. */
export interface MailPart {
  /** Lower-case, as in `text/plain`. */
  readonly type: string
  readonly fields: LooseFields
  /** As it came: one character an octet, lines end in LF, not decoded. */
  readonly body: string
}

export interface Mail {
  readonly fields: LooseFields
  /** Of the mail itself. */
  readonly type: string
  readonly parts: readonly MailPart[]
}

/** At most `reportLimits.octets` are looked at. */
export function readMail(octets: Uint8Array): Mail {
  const { buffer, byteOffset, byteLength } = octets
  const head = Buffer.from(buffer, byteOffset, Math.min(byteLength, reportLimits.octets))
  return readMailText(head.toString('latin1').replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
}

/** `text`: one character an octet, lines end in LF. */
export function readMailText(text: string): Mail {
  const { header, body } = splitHeader(text)
  const fields = readFields(header)
  const parts: MailPart[] = []
  const type = takeApart(fields, body, 0, parts)
  return { fields, type, parts }
}

/** The octets of a part without its transfer encoding, as text again: for a message or fields inside. */
export function contentOf(part: MailPart): string {
  const octets = decodedOctets(part, reportLimits.octets)
  return octets === null ? part.body : octets.toString('latin1').replaceAll('\r\n', '\n')
}

/** As people read it, at most `reportLimits.textCharacters` of it. */
export function textOf(part: MailPart): string {
  const most = reportLimits.textCharacters
  const octets = decodedOctets(part, most) ?? Buffer.from(part.body.slice(0, most), 'latin1')
  const charset = contentTypeParameter(part.fields.first('content-type') ?? '', 'charset')
  const text = decodeText(octets, charset).replaceAll('\r\n', '\n')
  return text.slice(0, most)
}

/** RFC 2045 §6; `null` where there is no encoding to be undone. */
function decodedOctets({ fields, body }: MailPart, most: number): Buffer | null {
  switch (fields.first('content-transfer-encoding')?.toLowerCase()) {
    case 'base64':
      return Buffer.from(body.slice(0, most * 2), 'base64')
    case 'quoted-printable':
      return decodeQuotedPrintable(body.slice(0, most * 3))
    default:
      return null
  }
}

/** Returns the type. */
function takeApart(fields: LooseFields, body: string, depth: number, parts: MailPart[]): string {
  const value = fields.first('content-type') ?? ''
  const { type } = parseContentType(value)
  const boundary = type.startsWith('multipart/') ? contentTypeParameter(value, 'boundary') : null
  const bodies = boundary && depth < reportLimits.depth ? between(body, boundary) : []
  if (bodies.length === 0)
    parts.push({ type: type.startsWith('multipart/') ? 'text/plain' : type, fields, body })
  for (const part of bodies) {
    if (parts.length >= reportLimits.parts) break
    const split = splitPart(part)
    takeApart(readFields(split.header), split.body, depth + 1, parts)
  }
  return type
}

/** A part may have no fields at all: then an empty line comes first. */
function splitPart(text: string): { readonly header: string; readonly body: string } {
  return text.startsWith('\n') ? { header: '', body: text.slice(1) } : splitHeader(text)
}

/** The bodies between the delimiters; the last one may lack its end. Without any delimiter there are none. */
function between(body: string, boundary: string): readonly string[] {
  const delimiter = `--${boundary}`
  const bodies: string[] = []
  let start = -1
  for (let at = delimiterAt(body, delimiter, 0); ; ) {
    if (start !== -1)
      bodies.push(body.slice(start, at === -1 ? body.length : Math.max(start, at - 1)))
    if (at === -1 || body.startsWith('--', at + delimiter.length)) return bodies
    if (bodies.length >= reportLimits.parts) return bodies
    const lineEnd = body.indexOf('\n', at)
    if (lineEnd === -1) return bodies
    start = lineEnd + 1
    at = delimiterAt(body, delimiter, start)
  }
}

/** At the beginning of a line. One that another boundary begins with is none of ours. */
function delimiterAt(body: string, delimiter: string, from: number): number {
  for (let at = body.indexOf(delimiter, from); at !== -1; at = body.indexOf(delimiter, at + 1)) {
    const isAtLine = at === 0 || body[at - 1] === '\n'
    const rest = body.slice(at + delimiter.length, at + delimiter.length + 3)
    if (isAtLine && /^(?:--|[ \t]*(?:\n|$)|[ \t]{2})/.test(rest)) return at
  }
  return -1
}
