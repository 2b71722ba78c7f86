// SPDX-License-Identifier: Apache-2.0
/**
 * Quoted-printable, RFC 2045 §6.7. Written, line ends stay line ends, so that decoding gives the same octets, and what one
 * line becomes does not depend on any other. Read, whatever others have written, damaged or not.
 */

const TAB = 9
const CR = 13
const LF = 10
const SPACE = 32
const HYPHEN = 45
const EQUALS = 61
const TILDE = 126

/** Rule 5, without CRLF. */
const LINE_OCTETS = 76
const HEX = Buffer.from('0123456789ABCDEF')

/**
 * Whole lines; only the last one may lack its CRLF. `null`: a CR or LF stands alone, which an encoding would hide. A hyphen never
 * stands at the beginning of a line that a soft break has made: with what follows it could be taken for the delimiter of a multipart.
 */
export function encodeLines(lines: Uint8Array): Buffer | null {
  const { length } = lines
  // Each octet becomes three at most, and a line of 75 holds 25 of them at least.
  const out = Buffer.allocUnsafe(length * 3 + Math.ceil(length / 25) * 3 + 3)
  let written = 0
  let column = 0
  for (let at = 0; at < length; at++) {
    const octet = lines[at] ?? 0
    if (octet === LF || (octet === CR && lines[at + 1] !== LF)) return null
    if (octet === CR) {
      out[written++] = CR
      out[written++] = LF
      column = 0
      at++
      continue
    }
    const isLast = at === length - 1 || lines[at + 1] === CR
    const room = isLast ? LINE_OCTETS : LINE_OCTETS - 1
    let isLiteral = isPlain(octet) || (isWhite(octet) && !isLast)
    if (column + (isLiteral ? 1 : 3) > room) {
      written = write(out, written, EQUALS, CR, LF)
      column = 0
      if (octet === HYPHEN) isLiteral = false
    }
    if (isLiteral) out[written++] = octet
    else written = write(out, written, EQUALS, HEX[octet >> 4] ?? 0, HEX[octet & 15] ?? 0)
    column += isLiteral ? 1 : 3
  }
  return Buffer.from(out.subarray(0, written))
}

/**
 * The octets that a text in quoted-printable stands for. `text` has one character for each octet, and lines that end in LF. What
 * is no encoding (a lone equals sign, damage) stays as it is.
 */
export function decodeQuotedPrintable(text: string): Buffer {
  if (!text.includes('=')) return Buffer.from(text, 'latin1')
  const decoded = text.replaceAll(
    /=(?:([0-9A-Fa-f]{2})|[ \t]*\n)/g,
    (_, hex: string | undefined) =>
      hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(decoded, 'latin1')
}

function isPlain(octet: number): boolean {
  return octet > SPACE && octet <= TILDE && octet !== EQUALS
}

function isWhite(octet: number): boolean {
  return octet === SPACE || octet === TAB
}

function write(out: Buffer, at: number, one: number, two: number, three: number): number {
  out[at] = one
  out[at + 1] = two
  out[at + 2] = three
  return at + 3
}
