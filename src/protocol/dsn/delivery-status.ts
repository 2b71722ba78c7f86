// SPDX-License-Identifier: Apache-2.0
/** The machine-readable part of a DSN: `message/delivery-status`, RFC 3464 §2, and its UTF-8 form, RFC 6533 §4. */

import { isInternational } from '../mailbox.ts'
import { formatDateTime } from '../message/date-time.ts'
import { foldWords } from '../message/fold-words.ts'
import { formatReply } from '../reply.ts'
import type { FailedRecipient, FailureReport } from './failure-facts.ts'

/** RFC 3463 §3.5: delivery time expired. */
const EXPIRED = '4.4.7'

/** Lines without CRLF: the message's fields, then a group for each recipient, each ended by an empty line. */
export function deliveryStatus(report: FailureReport, utf8: boolean): string[] {
  const { envid } = report.envelope
  return [
    `Reporting-MTA: dns; ${report.hostname}`,
    ...(envid === null ? [] : [field('Original-Envelope-Id', envid, utf8)]),
    `Arrival-Date: ${formatDateTime(report.arrivedAt)}`,
    '',
    ...report.failures.flatMap((failure) => [...recipientFields(failure, utf8), '']),
  ]
}

function recipientFields(failure: FailedRecipient, utf8: boolean): string[] {
  const { forwardPath, originalRecipient } = failure.recipient
  const type = isInternational(forwardPath) ? 'utf-8' : 'rfc822'
  const { remoteMta, reply, lastAttemptAt } = failure
  return [
    ...(originalRecipient === null
      ? []
      : [field('Original-Recipient', decodeXtext(originalRecipient), utf8)]),
    `Final-Recipient: ${type}; ${forwardPath}`,
    'Action: failed',
    `Status: ${statusOf(failure)}`,
    ...(remoteMta === null ? [] : [field('Remote-MTA', `dns; ${remoteMta}`, utf8)]),
    ...(reply === null ? [] : [field('Diagnostic-Code', `smtp; ${formatReply(reply)}`, utf8)]),
    ...(lastAttemptAt === null ? [] : [`Last-Attempt-Date: ${formatDateTime(lastAttemptAt)}`]),
  ]
}

/** RFC 3464 §2.3.4: the receiver's own where it gave one, else what its reply code says. */
function statusOf(failure: FailedRecipient): string {
  if (failure.because === 'expired' || failure.reply === null) return EXPIRED
  const { code, enhanced } = failure.reply
  if (enhanced !== null && /^[245]\.\d{1,3}\.\d{1,3}$/.test(enhanced)) return enhanced
  return code >= 500 ? '5.0.0' : '4.0.0'
}

/** RFC 3461 §4. */
function decodeXtext(text: string): string {
  return text.replaceAll(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function field(name: string, value: string, utf8: boolean): string {
  return `${name}: ${foldWords(value, utf8).join('\r\n\t')}`
}
