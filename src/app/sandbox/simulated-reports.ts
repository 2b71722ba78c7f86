// SPDX-License-Identifier: Apache-2.0
/** What other servers would bring back, as they write it: RFC 5965 (a complaint), RFC 3464 (a bounce), RFC 3834 (an automatic reply), and a wish by mail. */
import type { Instant } from '../../base/brand.ts'
import { formatDateTime } from '../../protocol/message/date-time.ts'
import { SANDBOX_DOMAIN } from '../../spool/sandbox.ts'
import type { LaterReport } from './simulated-recipients.ts'

export interface ReportedDelivery {
  /** MAIL FROM of the transaction: a token of ours. */
  readonly reversePath: string
  readonly recipient: string
  readonly at: Instant
}

export interface SimulatedReport {
  readonly to: string
  readonly octets: Buffer
}

const BOUNDARY = '=_simulated'

export function simulatedReport(report: LaterReport, delivery: ReportedDelivery): SimulatedReport {
  const { reversePath } = delivery
  switch (report) {
    case 'complaint':
      return { to: reversePath, octets: complaint(delivery) }
    case 'bounce':
      return { to: reversePath, octets: bounce(delivery) }
    case 'auto-reply':
      return { to: reversePath, octets: autoReply(delivery) }
    case 'unsubscribe': {
      const [token = '', domain = ''] = reversePath.split('@')
      const to = `unsubscribe@${domain}`
      const fields = [...header(delivery, to, token), '', '']
      return { to, octets: Buffer.from(fields.join('\r\n')) }
    }
  }
}

function complaint(delivery: ReportedDelivery): Buffer {
  return multipart(delivery, 'feedback-report', 'A complaint', [
    'Feedback-Type: abuse',
    'User-Agent: Posthaste-Simulator/1',
    'Version: 1',
    `Original-Mail-From: <${delivery.reversePath}>`,
    `Original-Rcpt-To: <${delivery.recipient}>`,
  ])
}

function bounce(delivery: ReportedDelivery): Buffer {
  return multipart(delivery, 'delivery-status', 'Undelivered Mail Returned to Sender', [
    `Reporting-MTA: dns; ${SANDBOX_DOMAIN}`,
    '',
    `Final-Recipient: rfc822; ${delivery.recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 No such user here',
  ])
}

function autoReply(delivery: ReportedDelivery): Buffer {
  const fields = header(delivery, delivery.reversePath, 'Out of office')
  const lines = [...fields, 'Auto-Submitted: auto-replied', '', 'I am away until Monday.', '']
  return Buffer.from(lines.join('\r\n'))
}

function multipart(
  delivery: ReportedDelivery,
  type: 'feedback-report' | 'delivery-status',
  subject: string,
  fields: readonly string[],
): Buffer {
  return Buffer.from(
    [
      ...header(delivery, delivery.reversePath, subject),
      `Content-Type: multipart/report; report-type=${type}; boundary="${BOUNDARY}"`,
      '',
      `--${BOUNDARY}`,
      'Content-Type: text/plain; charset=us-ascii',
      '',
      'This was made by the simulated receiver of the relay.',
      '',
      `--${BOUNDARY}`,
      `Content-Type: message/${type}`,
      '',
      ...fields,
      '',
      `--${BOUNDARY}`,
      'Content-Type: text/rfc822-headers',
      '',
      `Return-Path: <${delivery.reversePath}>`,
      '',
      `--${BOUNDARY}--`,
      '',
    ].join('\r\n'),
  )
}

function header({ at }: ReportedDelivery, to: string, subject: string): readonly string[] {
  return [
    `From: <postmaster@${SANDBOX_DOMAIN}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${formatDateTime(at)}`,
    'MIME-Version: 1.0',
  ]
}
