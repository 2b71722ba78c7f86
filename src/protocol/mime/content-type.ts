// SPDX-License-Identifier: Apache-2.0
/**
 * What a Content-Type field says, as far as the structure of a message depends on it. RFC 2045 §5.1; a value that cannot be
 * read means text/plain (§5.2).
 *
 * Known limits: parameters in pieces (RFC 2231 §3) are not put together; no writer of boundaries needs them.
 */

export interface ContentType {
  /** Lower-case, as in `text/plain`. */
  readonly type: string
  /** RFC 2046 §5.1.1; `null` where there is none, or one that no delimiter could have. */
  readonly boundary: string | null
}

export const plainText: ContentType = { type: 'text/plain', boundary: null }

const LONGEST_BOUNDARY = 70

/** `value`: unfolded. */
export function parseContentType(value: string): ContentType {
  const text = withoutComments(value)
  const type = /^\s*([!#$%&'*+.^_`{|}~\w-]+)\s*\/\s*([!#$%&'*+.^_`{|}~\w-]+)/.exec(text)
  if (type === null) return plainText
  const boundary = boundaryIn(text.slice(type[0].length))
  return { type: `${type[1]}/${type[2]}`.toLowerCase(), boundary }
}

function boundaryIn(parameters: string): string | null {
  const boundary = parameterIn(parameters, 'boundary') ?? ''
  const isUsable = boundary.length > 0 && boundary.length <= LONGEST_BOUNDARY
  return isUsable && !boundary.endsWith(' ') ? boundary : null
}

/** A parameter of a Content-Type, or of a field with such parameters, in the letters that it came in; `null` where there is none. */
export function contentTypeParameter(value: string, name: string): string | null {
  return parameterIn(withoutComments(value), name)
}

function parameterIn(parameters: string, wanted: string): string | null {
  const pattern = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g
  for (const [, name, quoted, token] of parameters.matchAll(pattern))
    if (name?.toLowerCase() === wanted) return quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? ''
  return null
}

/** RFC 5322 §3.2.2, outside of quoted strings. */
function withoutComments(value: string): string {
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
