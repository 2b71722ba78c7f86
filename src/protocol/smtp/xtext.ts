// SPDX-License-Identifier: Apache-2.0
/** `xtext`, the encoding of values in MAIL and RCPT parameters. RFC 3461 §4. */
import { isUtf8 } from 'node:buffer'

const PLUS = 0x2b
const EQUALS = 0x3d

/** The text whose UTF-8 octets were encoded, or `null` where it is no xtext. Hex digits are upper case. */
export function decodeXtext(encoded: string): string | null {
  if (!encoded.includes('+')) return isPlain(encoded) ? encoded : null
  const octets = Buffer.allocUnsafe(encoded.length)
  let length = 0
  for (let at = 0; at < encoded.length; at++) {
    const code = encoded.charCodeAt(at)
    if (code === PLUS) {
      const octet = hexOctet(encoded, at + 1)
      if (octet === null) return null
      octets[length++] = octet
      at += 2
    } else {
      if (!isXchar(code)) return null
      octets[length++] = code
    }
  }
  const decoded = octets.subarray(0, length)
  return isUtf8(decoded) ? decoded.toString('utf8') : null
}

/** The reverse of `decodeXtext`. */
export function encodeXtext(text: string): string {
  if (isPlain(text)) return text
  let encoded = ''
  for (const octet of Buffer.from(text, 'utf8'))
    encoded += isXchar(octet)
      ? String.fromCharCode(octet)
      : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`
  return encoded
}

/** Only printable US-ASCII and spaces, as RFC 3461 §4.4 wants of a decoded ENVID. */
export function isPrintable(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}

function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isXchar(text.charCodeAt(at))) return false
  return true
}

function isXchar(code: number): boolean {
  return code > 0x20 && code < 0x7f && code !== PLUS && code !== EQUALS
}

function hexOctet(text: string, at: number): number | null {
  const high = hexDigit(text.charCodeAt(at))
  const low = hexDigit(text.charCodeAt(at + 1))
  return high < 0 || low < 0 ? null : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= 0x41 && code <= 0x46 ? code - 0x37 : -1
}
