// SPDX-License-Identifier: Apache-2.0
/** Mails that came back, made of lines, and what was read of them in one line. */
import { readReport } from '../../src/protocol/report/read-report.ts'
import type { ReadReport } from '../../src/protocol/report/report-facts.ts'

export function readLines(...lines: readonly string[]): ReadReport {
  return readReport(Buffer.from(lines.join('\r\n')))
}

/** The kind, then each recipient with action, status and code. */
export function summaryOf({ kind, recipients }: ReadReport): string {
  const each = recipients.map(({ address, action, status, code }) =>
    [address, action, status, code].join(' '),
  )
  return [kind, ...each].join(' | ')
}

export const daemon = 'From: Mail Delivery System <MAILER-DAEMON@mx.example>'
