// SPDX-License-Identifier: Apache-2.0
/** The header of a mail that came in, as far as anybody looks. */
import { type LooseFields, readFields, splitHeader } from '../protocol/message/loose-fields.ts'

const HEADER_OCTETS = 64 * 1_024

export function headerOf(octets: Buffer): LooseFields {
  const text = octets.toString('latin1', 0, HEADER_OCTETS).replaceAll('\r\n', '\n')
  return readFields(splitHeader(text).header)
}
