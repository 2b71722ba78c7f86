// SPDX-License-Identifier: Apache-2.0
/**
 * Text in the charsets of mail. Those of the Encoding Standard, by every label that it lists.
 *
 * Known limits: UTF-7, ISO-2022-CN and the code pages of DOS are not among them; such text is read as Windows-1252, which keeps
 * its ASCII: addresses and codes.
 */
import { isAscii } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { RecentMap } from '../../base/recent-map.ts'

/** Labels that exist: some 200. By the one spelling of each, for mail chooses how to write them. */
const decoders = new RecentMap<string, TextDecoder>(512)

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
/** ISO-2022-JP and its relatives shift by escape sequences, RFC 1468: often without a charset that says so. */
const JAPANESE_SHIFT = Buffer.from('\x1b$')

/** `null`: nobody knows a charset of that name. */
export function decoderOf(charset: string): TextDecoder | null {
  const label = charset.trim().toLowerCase()
  const known = decoders.get(label)
  if (known) return known
  try {
    const decoder = new TextDecoder(label)
    decoders.set(label, decoder)
    return decoder
  } catch {
    // A RangeError for a label that is none.
    return null
  }
}

/** As people read it, whatever `charset` says: what contradicts itself is read as the octets suggest. Never fails. */
export function decodeText(octets: Buffer, charset: string | null): string {
  if (isAscii(octets) && !octets.includes(JAPANESE_SHIFT)) return octets.toString('latin1')
  const label = charset?.trim().toLowerCase() ?? ''
  const isPlain = label === '' || label === 'us-ascii' || label === 'utf-8'
  const declared = isPlain ? null : decoderOf(label)
  if (declared) return declared.decode(octets)
  if (octets.includes(JAPANESE_SHIFT)) return decoderOf('iso-2022-jp')?.decode(octets) ?? ''
  try {
    return strictUtf8.decode(octets)
  } catch {
    // Not UTF-8: 8-bit text of some charset that nobody named.
    return decoderOf('windows-1252')?.decode(octets) ?? ''
  }
}
