// SPDX-License-Identifier: Apache-2.0
/**
 * Makes a whole message a tracked one: finds its HTML parts (RFC 2046 §5.1), not those that are attached, signed, encrypted or in
 * another message, and changes what `tracked-html.ts` says in them. All other octets stay as they came.
 */
import { trackingLimits } from '../base/limits/tracking-limits.ts'
import {
  fieldValue,
  findHeaderEnd,
  parseHeaderSection,
} from '../protocol/message/header-section.ts'
import { htmlEncodingOf, kindOf } from './entity-header.ts'
import { decodedHtml, encodedHtml, type HtmlEncoding } from './html-part.ts'
import type { LinkTracker } from './link-tracker.ts'
import { OpenMultiparts } from './open-multiparts.ts'
import { type TrackedHtml, type TrackedHtmlOptions, trackHtml } from './tracked-html.ts'

/** A body between its header and the line end before the delimiter that ends it. */
interface HtmlPart {
  readonly start: number
  readonly end: number
  readonly encoding: HtmlEncoding
}

const LF = 10
const CRLF_OCTETS = 2

/** `content`: with CRLF line ends. The same octets, in pieces, with those that are new between them. */
export function trackMessage(content: Buffer, tracker: LinkTracker): readonly Buffer[] {
  const { delimiters, parts } = htmlPartsOf(content)
  if (delimiters.length > trackingLimits.multiparts) return [content]
  const waysOut = waysOutIn(content)
  const pieces: Buffer[] = []
  let from = 0
  let linksLeft: number = trackingLimits.links
  let wantsPixel = true
  for (const { encoding, end, start } of parts) {
    // The line end before the delimiter that would follow is that of its header.
    if (start === end) continue
    const body = content.subarray(start, end)
    const html = decodedHtml(body, encoding)
    const options: TrackedHtmlOptions = { tracker, wantsPixel, linksLeft, waysOut }
    const tracked: TrackedHtml | null = html === null ? null : trackHtml(html, options)
    const encoded = tracked === null ? null : encodedHtml(tracked.html, encoding, body)
    if (tracked === null || encoded === null) continue
    // A line that was hidden in the encoding must not end the part.
    if (delimiters.some((each) => hasLine(encoded, each))) continue
    linksLeft -= tracked.links
    wantsPixel &&= !tracked.hasPixel
    pieces.push(content.subarray(from, start), encoded)
    from = end
  }
  pieces.push(content.subarray(from))
  return pieces.filter(({ length }) => length > 0)
}

interface Walk {
  readonly multiparts: OpenMultiparts
  readonly delimiters: Buffer[]
  readonly parts: HtmlPart[]
}

function htmlPartsOf(content: Buffer): Pick<Walk, 'delimiters' | 'parts'> {
  const walk: Walk = { multiparts: new OpenMultiparts(), delimiters: [], parts: [] }
  let headerAt: number | null = 0
  let html: Omit<HtmlPart, 'end'> | null = null
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(LF, at) + 1 || content.length
    const line = content.subarray(at, end)
    const found = walk.multiparts.mayDelimit(line, 0) ? walk.multiparts.delimit(line) : null
    if (found !== null) {
      // The line end before a delimiter belongs to it.
      if (html !== null) walk.parts.push({ ...html, end: Math.max(html.start, at - CRLF_OCTETS) })
      html = null
      headerAt = found === 'next' ? end : null
    } else if (headerAt !== null && line.length === CRLF_OCTETS) {
      const encoding = entered(walk, content.subarray(headerAt, end))
      html = encoding && { start: end, encoding }
      headerAt = null
    }
    at = end
  }
  // Of a multipart that is never closed nobody knows where its last part ends.
  if (html !== null && walk.multiparts.depth === 0)
    walk.parts.push({ ...html, end: content.length })
  return walk
}

/** `header`: with its blank line. What the body is encoded as, where it is HTML that is shown; else `null`. */
function entered({ delimiters, multiparts }: Walk, header: Buffer): HtmlEncoding | null {
  const entity = kindOf(header, multiparts.isInDigest)
  if (entity.kind === 'multipart') {
    multiparts.open(entity)
    delimiters.push(Buffer.from(`--${entity.boundary}`))
    return null
  }
  return entity.kind === 'message' || entity.kind === 'unreadable' ? null : htmlEncodingOf(header)
}

function hasLine(octets: Buffer, beginning: Buffer): boolean {
  for (let at = octets.indexOf(beginning); at !== -1; at = octets.indexOf(beginning, at + 1))
    if (at === 0 || octets[at - 1] === LF) return true
  return false
}

/** What List-Unsubscribe names (RFC 2369 §3.2). */
function waysOutIn(content: Buffer): ReadonlySet<string> {
  const end = findHeaderEnd(content)
  const section = end === -1 ? null : parseHeaderSection(content, end)
  if (section?.kind !== 'section') return new Set()
  const fields = section.fields.filter(({ name }) => name === 'list-unsubscribe')
  const urls = fields.flatMap((field) => [...fieldValue(field).matchAll(/<([^<>\s]+)>/g)])
  return new Set(urls.map(([, url = '']) => url))
}
