// SPDX-License-Identifier: Apache-2.0
/** What a DSN returns of the message that it is about. RFC 3461 §4.3 (RET), RFC 6522 §3, RFC 6533 §5 and §6. */
import { contentLimits } from '../../base/limits/limits.ts'
import { fieldValue, findHeaderEnd, parseHeaderSection } from '../message/header-section.ts'
import type { Report } from './report-facts.ts'

export interface ReturnedOriginal {
  readonly octets: Buffer
  readonly isWhole: boolean
}

/** The header section is enough where RET was not given; and where nobody failed, whatever it says. */
export function returnedOriginal(report: Report): ReturnedOriginal {
  const { octets, isComplete } = report.original
  const original = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const isSmall = original.length <= contentLimits.returnedOctets
  const hasFailed = report.recipients.some(
    ({ fate }) => fate.kind === 'bounced' || fate.kind === 'expired',
  )
  if (report.envelope.ret === 'FULL' && hasFailed && isComplete && isSmall)
    return { octets: original, isWhole: true }
  const end = findHeaderEnd(original)
  const header = end === -1 ? original : original.subarray(0, end)
  if (header.length <= contentLimits.returnedOctets) return { octets: header, isWhole: false }
  const cut = header.lastIndexOf('\r\n', contentLimits.returnedOctets)
  return { octets: header.subarray(0, Math.max(0, cut + 2)), isWhole: false }
}

export function typeOfOriginal({ isWhole }: ReturnedOriginal, smtputf8: boolean): string {
  if (isWhole) return smtputf8 ? 'message/global' : 'message/rfc822'
  return smtputf8 ? 'message/global-headers' : 'text/rfc822-headers'
}

/** Only where it is well-formed: it is repeated in our header section. */
export function originalMessageId({ octets }: ReturnedOriginal): string | null {
  const end = findHeaderEnd(octets)
  const section = parseHeaderSection(octets, end === -1 ? octets.length : end)
  if (section.kind === 'fault') return null
  const field = section.fields.find(({ name }) => name === 'message-id')
  const value = field ? fieldValue(field) : ''
  return /^<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>$/.test(value) ? value : null
}
