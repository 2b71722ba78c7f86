// SPDX-License-Identifier: Apache-2.0
/** What the gate asks of a message beyond its domain: a few comparisons of fields that are there already. */
import type { Instant } from '../../base/brand.ts'
import { gateLimits } from '../../base/limits/gate-limits.ts'
import type { HeaderFacts } from '../../content/header-facts.ts'
import type { GateCheck } from '../../events/gate-check.ts'
import { coveringEntry } from '../../protocol/domain-cover.ts'
import { fieldValue, type HeaderField } from '../../protocol/message/header-section.ts'
import type { Directory } from '../../records/directory.ts'
import type { SendingDomain, Stream } from '../../records/records.ts'

/** A message that is whole, and how it is handled. */
export interface GatedContent {
  readonly stream: Stream
  readonly facts: HeaderFacts
  /** As the fields will be sent. */
  readonly header: readonly HeaderField[]
  /** Octets. */
  readonly size: number
  /** When it goes out at the earliest. */
  readonly goesAt: Instant
}

const LF = 10
const NOTHING: readonly GateCheck[] = []

/** All that failed, in the order of `gateChecks`. `domain`: whose keys sign. */
export function failedChecks(
  directory: Directory,
  domain: SendingDomain,
  content: GatedContent,
): readonly GateCheck[] {
  const standing = directory.standingOf(domain)
  const isUnlike = standing.includes('dkim') ? false : !signsForAll(domain, content.facts)
  const isStuck = content.stream.kind === 'bulk' && !hasOneClick(content.header)
  const isLarge = content.size > gateLimits.contentOctets
  const isOdd = !isSane(content)
  if (!isUnlike && !isStuck && !isLarge && !isOdd) return standing
  return [
    ...standing.filter((check) => check === 'domain'),
    ...(isUnlike ? (['dkim'] as const) : NOTHING),
    ...standing.filter((check) => check !== 'domain'),
    ...(isStuck ? (['one-click'] as const) : NOTHING),
    ...(isLarge ? (['size'] as const) : NOTHING),
    ...(isOdd ? (['header'] as const) : NOTHING),
  ]
}

/** Of several authors each receiver takes another one to be aligned with. */
function signsForAll(domain: SendingDomain, { fromDomains }: HeaderFacts): boolean {
  if (fromDomains.length === 1) return true
  const signing = new Map([[domain.name as string, domain]])
  return fromDomains.every((name) => coveringEntry(signing, name) !== null)
}

/** RFC 8058 §3.1: an HTTPS URI, and the word that a click is enough. Both are signed, for `signed-fields.ts` names them. */
function hasOneClick(header: readonly HeaderField[]): boolean {
  let hasUri = false
  let isPost = false
  for (const field of header) {
    if (field.name === 'list-unsubscribe')
      hasUri = /<\s*https:\/\/[^\s<>]+>/i.test(fieldValue(field))
    else if (field.name === 'list-unsubscribe-post')
      isPost = fieldValue(field).toLowerCase() === 'list-unsubscribe=one-click'
  }
  return hasUri && isPost
}

/** What receivers take for broken or forged: a time that cannot be, an id that is none, a line that some of them cut. */
function isSane({ header, goesAt }: GatedContent): boolean {
  for (const field of header) {
    if (field.name === 'date' && !isNear(Date.parse(fieldValue(field)), goesAt)) return false
    if (field.name === 'message-id' && !/^<[^\s<>@]+@[^\s<>@]+>$/.test(fieldValue(field)))
      return false
    if (field.end - field.start > gateLimits.headerLineOctets && hasLongLine(field)) return false
  }
  return true
}

/** Not so where `date` is `NaN`. */
function isNear(date: number, goesAt: Instant): boolean {
  return date >= goesAt - gateLimits.dateBehindMs && date <= goesAt + gateLimits.dateAheadMs
}

function hasLongLine({ source, start, end }: HeaderField): boolean {
  for (let at = start; at < end; ) {
    const next = source.indexOf(LF, at) + 1
    if (next - at - 2 > gateLimits.headerLineOctets) return true
    at = next
  }
  return false
}
