// SPDX-License-Identifier: Apache-2.0
/** Fields of a form that was posted, in both encodings that RFC 8058 §3.2 allows: `application/x-www-form-urlencoded` and `multipart/form-data`. */
import { contentTypeParameter } from '../../protocol/mime/content-type.ts'

/** More fields are not looked at. */
const FIELDS = 20

/** By name, the first of each; `null`: it is no form. */
export function postedForm(
  body: Buffer,
  contentType: string | undefined,
): ReadonlyMap<string, string> | null {
  const type = /^[^;\s]*/.exec(contentType ?? '')?.[0].toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return firsts(new URLSearchParams(String(body)))
  if (type !== 'multipart/form-data') return null
  const boundary = contentTypeParameter(contentType ?? '', 'boundary')
  return boundary === null || boundary === '' ? null : firsts(partsOf(String(body), boundary))
}

function firsts(fields: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let seen = 0
  for (const [name, value] of fields) {
    if (seen++ >= FIELDS) break
    if (!found.has(name)) found.set(name, value)
  }
  return found
}

/** RFC 7578 §4. What stands before the first delimiter and behind the last one is nothing. */
function* partsOf(text: string, boundary: string): Iterable<readonly [string, string]> {
  const [, ...parts] = `\r\n${text}`.split(`\r\n--${boundary}`)
  for (const part of parts) {
    if (part.startsWith('--')) return
    const end = part.indexOf('\r\n\r\n')
    const disposition = /^content-disposition:(.*)$/im.exec(part.slice(0, Math.max(0, end)))?.[1]
    const name = contentTypeParameter(disposition ?? '', 'name')
    if (end !== -1 && name !== null) yield [name, part.slice(end + 4)]
  }
}
