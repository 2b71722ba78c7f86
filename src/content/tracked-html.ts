// SPDX-License-Identifier: Apache-2.0
/**
 * Puts links and a picture of ours into an HTML text; all other octets stay. Links alone that a browser would follow over the web:
 * `https:` and `http:` of `<a>` and `<area>`, not those to unsubscribe, not those within the page, not those whose tag says
 * `data-posthaste-track="off"`. What is odd in any way is left alone.
 */
import { trackingLimits } from '../base/limits/tracking-limits.ts'
import { type HtmlAttribute, type HtmlTag, htmlTags } from './html-tags.ts'
import type { LinkTracker } from './link-tracker.ts'

export interface TrackedHtml {
  readonly html: string
  readonly hasPixel: boolean
  readonly links: number
}

export interface TrackedHtmlOptions {
  readonly tracker: LinkTracker
  /** `false`: there is one in another part. */
  readonly wantsPixel: boolean
  /** How many more may be changed in the message. */
  readonly linksLeft: number
  /** Links to unsubscribe that the header section names, as it writes them. */
  readonly waysOut: ReadonlySet<string>
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Whoever wants out shall not have to pass a counter. */
const WAY_OUT = /unsubscri|opt-?_?out/i
/** Printable ASCII without spaces and quotes. */
const PLAIN = /^[!#-&(-;=?-~]+$/

/** `html`: a character for each octet, lines with CRLF. `null`: nothing in it changes. */
export function trackHtml(html: string, options: TrackedHtmlOptions): TrackedHtml | null {
  const { tracker, wantsPixel } = options
  const edits: Edit[] = []
  let pixelAt = html.length
  let hasEnd = false
  const tags = htmlTags(html)
  let step = tags.next()
  for (; !step.done; step = tags.next()) {
    const tag = step.value
    if (tag.name === '/body' || (tag.name === '/html' && !hasEnd)) {
      pixelAt = tag.start
      hasEnd = true
    } else if (edits.length < options.linksLeft) {
      const edit = editOf(tag, options)
      if (edit !== null) edits.push(edit)
    }
  }
  const { pixel } = tracker
  const links = edits.length
  // Where a comment or a tag has no end, a picture behind it would be part of it.
  const hasPixel = pixel !== null && wantsPixel && (step.value.isWhole || hasEnd)
  if (hasPixel) edits.push({ start: pixelAt, end: pixelAt, text: pictureOf(pixel) })
  if (edits.length === 0) return null
  return { html: edited(html, edits), hasPixel, links }
}

function editOf({ attributes, name }: HtmlTag, options: TrackedHtmlOptions): Edit | null {
  const { tracker, waysOut } = options
  const href = attributes.get('href')
  if (tracker.link === null || href === undefined || (name !== 'a' && name !== 'area')) return null
  if (/^off$/i.test(attributes.get('data-posthaste-track')?.value ?? '')) return null
  if (WAY_OUT.test(attributes.get('rel')?.value ?? '')) return null
  const target = targetOf(href)
  if (target === null || waysOut.has(target) || WAY_OUT.test(target)) return null
  const url = URL.parse(target)
  if (url === null || url.username !== '' || url.password !== '') return null
  if (tracker.isExempt(url)) return null
  // White space beside the value is none of it: no line becomes longer than it was, or than a link of ours.
  return { start: href.start, end: href.end, text: `\r\n"${tracker.link(target)}"\r\n ` }
}

/** `null`: it leads not over the web, or two readers could read it in two ways. */
function targetOf({ value }: HtmlAttribute): string | null {
  const target = decoded(value.trim())
  if (target === null || target.length > trackingLimits.targetCharacters) return null
  return /^https?:\/\//i.test(target) && PLAIN.test(target) ? target : null
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** Character references in an attribute; `null` where one is not surely known. A bare `&` before a name and `=` is none (§13.2.5.73). */
function decoded(value: string): string | null {
  if (!value.includes('&')) return value
  let isClear = true
  const text = value.replaceAll(
    /&(?:#(\d{1,7});|#x([0-9a-f]{1,6});|([a-z]\w*)(.?)|(#?))/gi,
    (whole, decimal?: string, hex?: string, name?: string, next?: string, sign?: string) => {
      if (name !== undefined && next === '=') return whole
      if (sign === '') return whole
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      const known = name === undefined ? characterOf(code) : entities[name.toLowerCase()]
      if (known === undefined || (name !== undefined && next !== ';')) isClear = false
      return known ?? ''
    },
  )
  return isClear ? text : null
}

function characterOf(code: number): string | undefined {
  return code > 32 && code < 127 ? String.fromCharCode(code) : undefined
}

function pictureOf(url: string): string {
  return `\r\n<img src="${url}" width="1" height="1" alt="" style="border:0">\r\n`
}

function edited(html: string, edits: readonly Edit[]): string {
  let text = ''
  let from = 0
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    text += html.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return text + html.slice(from)
}
