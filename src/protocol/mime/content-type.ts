// SPDX-License-Identifier: Apache-2.0
/**
 * What a Content-Type field says, as far as the structure of a message depends on it. RFC 2045 §5.1; a value that cannot be
 * read means text/plain (§5.2).
 *
 * Known limits: a boundary that one reader would find and another not is none: two of them, one in pieces (RFC 2231 §3), one
 * with quoted pairs or octets beyond ASCII, one in a field with comments or with something that is no parameter. Writers of
 * mail need nothing of that, writers of traps do.
 */

export interface ContentType {
  /** Lower-case, as in `text/plain`. */
  readonly type: string
  /** Whether all readers find this type: to some of them a comment, or white space beside the slash, makes it another one. */
  readonly isClear: boolean
  /** RFC 2046 §5.1.1; `null` where there is none, one that no delimiter could have, or one that readers may take differently. */
  readonly boundary: string | null
}

export const plainText: ContentType = { type: 'text/plain', isClear: true, boundary: null }

const LONGEST_BOUNDARY = 70
const TYPE = /^[ \t]*([!#$%&'*+.^_`{|}~\w-]+)[ \t]*\/[ \t]*([!#$%&'*+.^_`{|}~\w-]+)/
/** Of a whole value. */
const CLEAR_TYPE = /^[ \t]*[^ \t;(/]+\/[^ \t;(/]+[ \t]*(?:;|$)/
/** More than RFC 2045 §5.1 calls a token: many boundaries have an equals sign, and no quotes. */
const PARAMETER = /[ \t]*;[ \t]*(?:([^ \t;="]+)[ \t]*=[ \t]*(?:"([^"]*)"|([^ \t;"]+))[ \t]*)?/y
/** Printable, and neither a quotation mark nor a backslash; the last one no space. */
const BOUNDARY = /^[ !#-[\]-~]*[!#-[\]-~]$/

/** `value`: unfolded. */
export function parseContentType(value: string): ContentType {
  const text = withoutComments(value)
  const type = TYPE.exec(text)
  if (type === null) return plainText
  const isClear = CLEAR_TYPE.test(value)
  const boundary = isClear && text === value ? boundaryIn(text.slice(type[0].length)) : null
  return { type: `${type[1]}/${type[2]}`.toLowerCase(), isClear, boundary }
}

function boundaryIn(parameters: string): string | null {
  const boundaries: string[] = []
  let end = 0
  while (end < parameters.length) {
    PARAMETER.lastIndex = end
    const found = PARAMETER.exec(parameters)
    if (found === null) return null
    const [whole, name, quoted, token] = found
    // Also one in pieces, `boundary*0`.
    if (name !== undefined && /^boundary(?:\*|$)/i.test(name))
      boundaries.push(name.includes('*') ? '' : (quoted ?? token ?? ''))
    end += whole.length
  }
  const [boundary = '', ...others] = boundaries
  const isClear = others.length === 0 && boundary.length <= LONGEST_BOUNDARY
  return isClear && BOUNDARY.test(boundary) ? boundary : null
}

/**
 * For whoever only reads: a parameter of a Content-Type, or of a field with such parameters, in the letters that it came in; `null`
 * where there is none.
 */
export function contentTypeParameter(value: string, wanted: string): string | null {
  const pattern = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g
  for (const [, name, quoted, token] of withoutComments(value).matchAll(pattern))
    if (name?.toLowerCase() === wanted) return quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? ''
  return null
}

/** RFC 5322 §3.2.2, outside of quoted strings. */
export function withoutComments(value: string): string {
  if (!value.includes('(')) return value
  let depth = 0
  let isQuoted = false
  let kept = ''
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at)
    if (character === '\\' && (isQuoted || depth > 0)) {
      if (depth === 0) kept += value.slice(at, at + 2)
      at++
      continue
    }
    if (character === '"' && depth === 0) isQuoted = !isQuoted
    if (character === '(' && !isQuoted) depth++
    if (depth === 0) kept += character
    if (character === ')' && !isQuoted && depth > 0) depth--
  }
  return kept
}
