// SPDX-License-Identifier: Apache-2.0
/**
 * Header fields in DKIM's relaxed canonical form, RFC 6376 §3.4.2: the name in lower case, the value unfolded, white space
 * runs as one space, none around the colon or at the end.
 */
import type { HeaderField } from '../message/header-section.ts'

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58

/** The fields in the order given, each with its CRLF. */
export function canonicaliseFields(fields: readonly HeaderField[]): Buffer {
  let room = 0
  // No form is longer than its field, which ends in CRLF already.
  for (const field of fields) room += field.end - field.start
  const out = Buffer.allocUnsafe(room)
  let written = 0
  for (const field of fields) written = writeRelaxed(field, out, written)
  return out.subarray(0, written)
}

/** Gives the offset in `out` after what was written. */
function writeRelaxed(field: HeaderField, out: Buffer, at: number): number {
  const { name, source, end } = field
  let written = at + out.write(name, at, 'latin1')
  out[written++] = COLON
  const valueAt = written
  let holdsSpace = false
  for (let from = field.valueAt; from < end; from++) {
    const octet = source[from] ?? 0
    if (octet === SPACE || octet === TAB) holdsSpace = true
    else if (octet !== CR && octet !== LF) {
      if (holdsSpace && written > valueAt) out[written++] = SPACE
      holdsSpace = false
      out[written++] = octet
    }
  }
  out[written++] = CR
  out[written++] = LF
  return written
}
