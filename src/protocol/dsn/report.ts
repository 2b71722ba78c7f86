// SPDX-License-Identifier: Apache-2.0
/**
 * A delivery status notification: tells a submitter what has become of recipients. RFC 3461 §5 and §6, RFC 3464, RFC 6522
 * (multipart/report), RFC 6533 where an address or the original needs UTF-8, RFC 3834 (Auto-Submitted).
 *
 * Known limits: nothing is ever "delivered" or "expanded" here, since all mail goes on to others. `Message-ID` is added where
 * all mail gets it.
 */
import { isAscii } from 'node:buffer'
import type { Envelope } from '../envelope.ts'
import { isInternational } from '../mailbox.ts'
import { formatDateTime } from '../message/date-time.ts'
import { deliveryStatus } from './delivery-status.ts'
import type { Report } from './report-facts.ts'
import { explanation, subjectOf } from './report-text.ts'
import {
  originalMessageId,
  type ReturnedOriginal,
  returnedOriginal,
  typeOfOriginal,
} from './returned-original.ts'

export interface ReportContent {
  readonly content: Buffer
  /** What its own envelope must say. */
  readonly body: Envelope['body']
  readonly smtputf8: boolean
}

export function writeReport(report: Report): ReportContent {
  const returned = returnedOriginal(report)
  const mailboxes = report.recipients.map(({ recipient }) => recipient.forwardPath)
  const smtputf8 =
    report.envelope.smtputf8 || [report.reversePath, ...mailboxes].some(isInternational)
  const boundary = boundaryNotIn(returned.octets, report.messageId)
  const is8Bit = smtputf8 || !isAscii(returned.octets)
  const encoding = is8Bit ? '8bit' : '7bit'
  const content = Buffer.concat([
    Buffer.from(
      [
        ...reportHeader(report, returned, boundary, encoding),
        '',
        `--${boundary}`,
        `Content-Type: text/plain; charset=${smtputf8 ? 'utf-8' : 'us-ascii'}`,
        `Content-Transfer-Encoding: ${smtputf8 ? '8bit' : '7bit'}`,
        '',
        ...explanation(report, smtputf8),
        '',
        `--${boundary}`,
        `Content-Type: message/${smtputf8 ? 'global-' : ''}delivery-status`,
        `Content-Transfer-Encoding: ${smtputf8 ? '8bit' : '7bit'}`,
        '',
        ...deliveryStatus(report, smtputf8),
        `--${boundary}`,
        `Content-Type: ${typeOfOriginal(returned, smtputf8)}`,
        `Content-Transfer-Encoding: ${encoding}`,
        '',
        '',
      ].join('\r\n'),
    ),
    returned.octets,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  return { content, body: is8Bit ? '8BITMIME' : '7BIT', smtputf8 }
}

function reportHeader(
  report: Report,
  original: ReturnedOriginal,
  boundary: string,
  encoding: string,
): string[] {
  const answered = originalMessageId(original)
  const references =
    answered === null ? [] : [`In-Reply-To: ${answered}`, `References: ${answered}`]
  return [
    `From: Mail Delivery System <${report.from}>`,
    `To: <${report.reversePath}>`,
    `Subject: ${subjectOf(report)}`,
    `Date: ${formatDateTime(report.now)}`,
    ...references,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    `Content-Transfer-Encoding: ${encoding}`,
  ]
}

/** RFC 2046 §5.1.1: the submitter wrote the original and may have guessed. */
function boundaryNotIn(octets: Buffer, messageId: string): string {
  let boundary = `=_${messageId}`
  for (let attempt = 1; octets.includes(`--${boundary}`); attempt++)
    boundary = `=_${messageId}_${attempt}`
  return boundary
}
