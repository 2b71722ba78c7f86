// SPDX-License-Identifier: Apache-2.0
/**
 * The body of an HTML part as text, and back in the same transfer encoding. A character stands for an octet, so that charsets stay what
 * they are: those alone in which ASCII means ASCII. `null` wherever decoding and encoding might not give what a reader would see.
 */
import { encodeLines } from '../protocol/mime/quoted-printable.ts'

export type HtmlEncoding = 'identity' | 'base64' | 'quoted-printable'

/** In these no octet of ASCII is part of another character. */
const PLAIN_CHARSET = /^(?:us-ascii|utf-?8|iso-8859-\d{1,2}|windows-125\d|koi8-[ru])$/i
/** Each octet is looked at once: who sends it may choose what it is. */
const BASE64 = /^[A-Za-z0-9+/\r\n]*(?:={1,2}[\r\n]*)?$/
/** An equals sign that is none of §6.7, or an octet that has to be encoded. */
const NOT_QUOTED = /=(?![0-9A-F]{2}|\r\n)|[^\t\r\n -~]/i
const BASE64_COLUMNS = /.{1,76}/g

export function isPlainCharset(charset: string | null): boolean {
  return charset === null || PLAIN_CHARSET.test(charset)
}

export function decodedHtml(body: Buffer, encoding: HtmlEncoding): string | null {
  const text = body.toString('latin1')
  if (encoding === 'identity') return text
  if (encoding === 'base64')
    return BASE64.test(text) ? Buffer.from(text, 'base64').toString('latin1') : null
  // RFC 2045 §6.7 rule 3: white space at the end of a line was added on the way.
  const lines = text.replaceAll(/(?<![ \t])[ \t]+(?=\r\n)/g, '')
  if (NOT_QUOTED.test(lines)) return null
  return lines.replaceAll(/=(?:\r\n|([0-9A-F]{2}))/gi, (_, hex: string | undefined) =>
    hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** `before`: the body as it was; a line end at its end stays. */
export function encodedHtml(html: string, encoding: HtmlEncoding, before: Buffer): Buffer | null {
  const octets = Buffer.from(html, 'latin1')
  if (encoding === 'identity') return octets
  if (encoding === 'quoted-printable') return encodeLines(octets)
  const lines = octets.toString('base64').match(BASE64_COLUMNS) ?? []
  const end = before.toString('latin1', Math.max(0, before.length - 2)) === '\r\n' ? '\r\n' : ''
  return Buffer.from(lines.join('\r\n') + end)
}
