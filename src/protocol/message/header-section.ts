// SPDX-License-Identifier: Apache-2.0
/**
 * The header section of a message as fields with offsets; nothing is copied. RFC 5322 §2.2, folding as §2.2.3, and of the
 * obsolete syntax a space before the colon (§4.5). RFC 6532: values may be UTF-8.
 *
 * Known limits: does not repair. What two readers could read in two ways (a line without colon, a bare CR or LF, NUL) is a
 * fault, because a signature over it would vouch for both readings.
 */
import { contentLimits } from '../../base/limits/limits.ts'

/** One field. Offsets count in `source`, which the fields of a section share. */
export interface HeaderField {
  /** Lower-case. */
  readonly name: string
  readonly source: Buffer
  /** First octet of the name. */
  readonly start: number
  /** First octet after the colon. */
  readonly valueAt: number
  /** After the CRLF that ends the field. */
  readonly end: number
}

/** `line` counts from 1. */
export interface HeaderFault {
  readonly kind: 'fault'
  readonly fault: 'not-a-field' | 'bare-cr-or-lf' | 'nul' | 'too-many-fields'
  readonly line: number
}

export type HeaderSection =
  | { readonly kind: 'section'; readonly fields: readonly HeaderField[] }
  | HeaderFault

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
const TILDE = 126
const BLANK_LINE = Buffer.from('\r\n\r\n')
/** What `endOfField` gives instead of an offset. */
const BARE_CR_OR_LF = -1
const NUL = -2

/**
 * Where the header section ends: the offset of the blank line after it, 0 where the content begins with one, -1 where it has
 * not come yet. Octets before `from` were searched already.
 */
export function findHeaderEnd(content: Buffer, from = 0): number {
  if (content[0] === CR && content[1] === LF) return 0
  const at = content.indexOf(BLANK_LINE, Math.max(0, from - BLANK_LINE.length + 1))
  return at === -1 ? -1 : at + 2
}

/** Reads the fields of `source` up to `end`, where the last field's CRLF ends. */
export function parseHeaderSection(source: Buffer, end: number = source.length): HeaderSection {
  const fields: HeaderField[] = []
  for (let start = 0; start < end; ) {
    const nameEnd = endOfName(source, start, end)
    const valueAt = nameEnd === start ? -1 : afterColon(source, nameEnd, end)
    if (valueAt === -1) return faultAt(source, start, 'not-a-field')
    const fieldEnd = endOfField(source, valueAt, end)
    if (fieldEnd === BARE_CR_OR_LF) return faultAt(source, start, 'bare-cr-or-lf')
    if (fieldEnd === NUL) return faultAt(source, start, 'nul')
    if (fields.length === contentLimits.headerFields)
      return faultAt(source, start, 'too-many-fields')
    const name = source.toString('latin1', start, nameEnd).toLowerCase()
    fields.push({ name, source, start, valueAt, end: fieldEnd })
    start = fieldEnd
  }
  return { kind: 'section', fields }
}

/** The value unfolded (RFC 5322 §2.2.3) and trimmed; octets that are no UTF-8 become U+FFFD. */
export function fieldValue(field: HeaderField): string {
  return field.source
    .toString('utf8', field.valueAt, field.end)
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .trim()
}

function endOfName(source: Buffer, start: number, end: number): number {
  let at = start
  while (at < end) {
    const octet = source[at] ?? 0
    if (octet <= SPACE || octet === COLON || octet > TILDE) break
    at++
  }
  return at
}

/** Past white space and the colon; -1 where something else comes first. */
function afterColon(source: Buffer, nameEnd: number, end: number): number {
  let at = nameEnd
  while (at < end && (source[at] === SPACE || source[at] === TAB)) at++
  return at < end && source[at] === COLON ? at + 1 : -1
}

function endOfField(source: Buffer, valueAt: number, end: number): number {
  for (let at = valueAt; at < end; at++) {
    const octet = source[at] ?? 0
    if (octet > CR) continue
    if (octet === CR) {
      at++
      if (at >= end || source[at] !== LF) return BARE_CR_OR_LF
      const next = at + 1 < end ? source[at + 1] : LF
      if (next !== SPACE && next !== TAB) return at + 1
    } else if (octet === LF) return BARE_CR_OR_LF
    else if (octet === 0) return NUL
  }
  return BARE_CR_OR_LF
}

function faultAt(source: Buffer, offset: number, fault: HeaderFault['fault']): HeaderFault {
  let line = 1
  for (let at = source.indexOf(LF); at !== -1 && at < offset; at = source.indexOf(LF, at + 1))
    line++
  return { kind: 'fault', fault, line }
}
