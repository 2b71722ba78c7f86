// SPDX-License-Identifier: Apache-2.0
/**
 * Encoded words as people read them. RFC 2047; charsets are those of the Encoding Standard. A character that was split
 * between two words of one charset is put together again.
 *
 * Known limits: for events and screens only, so it never fails: what cannot be decoded stays as it is. Control characters
 * become spaces.
 */
import { decoderOf } from './charset.ts'

/** `=?charset*language?B|Q?text?=`; the white space before a word that follows another is no part of the text. */
const ENCODED_WORD = /=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?\s]*)\?=/g

interface EncodedWord {
  readonly charset: string
  readonly octets: Buffer
}

/** `text` is an unfolded field value. At most `limit` characters are given. */
export function decodeEncodedWords(text: string, limit: number): string {
  let decoded = ''
  let end = 0
  let pending: EncodedWord | null = null
  for (const match of text.includes('=?') ? text.matchAll(ENCODED_WORD) : []) {
    const between = text.slice(end, match.index)
    const word = readWord(match)
    if (word === null) continue
    const isAdjacent = pending !== null && between.trim() === ''
    if (pending !== null && isAdjacent && pending.charset === word.charset) {
      pending = { ...word, octets: Buffer.concat([pending.octets, word.octets]) }
    } else {
      decoded += decodeWord(pending) + (isAdjacent ? '' : between)
      pending = word
    }
    end = match.index + match[0].length
    if (decoded.length > limit) break
  }
  return printable(decoded + decodeWord(pending) + text.slice(end)).slice(0, limit)
}

function readWord(match: RegExpMatchArray): EncodedWord | null {
  const [, label = '', encoding = '', text = ''] = match
  const charset = label.toLowerCase()
  if (decoderOf(charset) === null) return null
  const isBase64 = encoding.toLowerCase() === 'b'
  return { charset, octets: isBase64 ? Buffer.from(text, 'base64') : decodeQ(text) }
}

function decodeWord(word: EncodedWord | null): string {
  if (word === null) return ''
  return decoderOf(word.charset)?.decode(word.octets) ?? ''
}

/** RFC 2047 §4.2. */
function decodeQ(text: string): Buffer {
  const spaced = text.replaceAll('_', ' ')
  const octets = spaced.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(octets, 'latin1')
}

function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}
