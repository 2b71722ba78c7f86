// SPDX-License-Identifier: Apache-2.0
/**
 * Start and end tags of an HTML text, as a browser would find them (WHATWG HTML §13.2.5): not those in comments, scripts, styles and
 * other raw text. Reads only; offsets count in the text.
 *
 * Known limits: knows nothing of SVG and MathML. What is never closed (a comment, a tag, a script) ends the walk.
 */

export interface HtmlTag {
  /** Lower-case; an end tag begins with a slash. */
  readonly name: string
  /** Of its `<`. */
  readonly start: number
  /** After its `>`. */
  readonly end: number
  /** The first of each name, in lower case. */
  readonly attributes: ReadonlyMap<string, HtmlAttribute>
}

export interface HtmlAttribute {
  /** As written, without quotes. */
  readonly value: string
  /** Of the value with its quotes; both 0 where there is none. */
  readonly start: number
  readonly end: number
}

const rawNames: ReadonlySet<string> = new Set([
  ...['script', 'style', 'textarea', 'title'],
  ...['xmp', 'iframe', 'noembed', 'noframes'],
])
const COMMENT_END = /--!?>/g
const NAME = /[^\t\n\f\r />]+/y
const SPACE = /[\t\n\f\r /]*/y
const WHITE = /[\t\n\f\r ]*/y
/** One may begin with an equals sign. */
const ATTRIBUTE_NAME = /=?[^\t\n\f\r />=]*/y
const UNQUOTED = /[^\t\n\f\r >]*/y
const NO_VALUE = { value: '', start: 0, end: 0 }

/** In order. `isWhole` of what it returns says whether the text was read to its end. */
export function* htmlTags(html: string): Generator<HtmlTag, { readonly isWhole: boolean }> {
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    const next = html.charAt(at + 1)
    if (/[a-z]/i.test(next) || (next === '/' && /[a-z]/i.test(html.charAt(at + 2)))) {
      const tag = tagAt(html, at)
      if (tag === null || tag.name === 'plaintext') return { isWhole: false }
      yield tag
      at = rawNames.has(tag.name) ? endOfRaw(html, tag) : tag.end
    } else if (html.startsWith('<!--', at)) at = endOfComment(html, at)
    else if (next === '!' || next === '?' || next === '/') at = after(html.indexOf('>', at))
    else at++
    if (at === -1) return { isWhole: false }
  }
  return { isWhole: true }
}

/** `null`: it has no end. */
function tagAt(html: string, start: number): HtmlTag | null {
  const name = match(NAME, html, start + 1).toLowerCase()
  // The slash of an end tag ends the pattern at once.
  const isEnd = name === ''
  const bare = isEnd ? match(NAME, html, start + 2).toLowerCase() : name
  let at = start + 1 + (isEnd ? 1 : 0) + bare.length
  const attributes = new Map<string, HtmlAttribute>()
  for (;;) {
    at += match(SPACE, html, at).length
    if (at >= html.length) return null
    if (html.charAt(at) === '>')
      return { name: isEnd ? `/${bare}` : bare, start, end: at + 1, attributes }
    const attribute = match(ATTRIBUTE_NAME, html, at)
    at += attribute.length
    const found = valueAt(html, at)
    if (found === null) return null
    at = found.after
    const key = attribute.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, found.attribute)
  }
}

/** What stands behind the name of an attribute; `null`: its quotes have no end. */
function valueAt(
  html: string,
  from: number,
): { readonly attribute: HtmlAttribute; readonly after: number } | null {
  const equals = from + match(WHITE, html, from).length
  if (html.charAt(equals) !== '=') return { attribute: NO_VALUE, after: from }
  const start = equals + 1 + match(WHITE, html, equals + 1).length
  const quote = html.charAt(start)
  if (quote !== '"' && quote !== "'") {
    const value = match(UNQUOTED, html, start)
    const end = start + value.length
    return { attribute: { value, start, end }, after: end }
  }
  const close = html.indexOf(quote, start + 1)
  if (close === -1) return null
  const attribute = { value: html.slice(start + 1, close), start, end: close + 1 }
  return { attribute, after: close + 1 }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** `-1`: never. `<!-->` is a whole one. */
function endOfComment(html: string, start: number): number {
  COMMENT_END.lastIndex = start + 2
  return COMMENT_END.exec(html) === null ? -1 : COMMENT_END.lastIndex
}

/** Where the end tag begins. */
function endOfRaw(html: string, { end, name }: HtmlTag): number {
  const close = new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, 'gi')
  close.lastIndex = end
  return close.exec(html)?.index ?? -1
}

function after(at: number): number {
  return at === -1 ? -1 : at + 1
}
