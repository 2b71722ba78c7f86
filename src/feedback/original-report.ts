// SPDX-License-Identifier: Apache-2.0
/**
 * A bounce that came later, for whoever sends by a program that reads bounces from a mailbox: to the reverse-path that the
 * submitter gave, as it came. From the null reverse-path, with our mark and trace fields before it, so that what comes back
 * from there ends here; no field or octet of the report itself is changed, and its signatures stay good.
 *
 * Known limits: a report that is no message of RFC 5322 (no From, no blank line) cannot be sent on, nor can a line of over
 * 998 octets stay whole; its event says what it said.
 */
import { isAscii } from 'node:buffer'
import type { OwnContent } from '../accept/own-mail.ts'
import { type Mailbox, parseMailbox } from '../protocol/mailbox.ts'
import type { Directory } from '../records/directory.ts'
import type { Slug, Stream } from '../records/records.ts'
import type { Finding, ReportedMessage } from './finding.ts'
import { loopField } from './operator-mail.ts'

export interface WantedReport {
  readonly to: Mailbox
  readonly stream: Stream
  readonly sandbox: boolean
  readonly isNew: boolean
}

/** `null`: nobody asked for it, or only ids that anybody could quote say whose it is. */
export function wantedReport(
  directory: Directory,
  finding: Finding,
  message: ReportedMessage | null,
): WantedReport | null {
  if (finding.what !== 'bounced' || finding.certainty !== 'proven' || message === null) return null
  const stream = directory.stream(message.tenant as Slug, message.stream as Slug)
  const to = parseMailbox(message.reversePath)
  if (to === null || stream === null || !stream.forwardsReports) return null
  return { to, stream, sandbox: message.sandbox, isNew: message.isNew }
}

export function originalReport(octets: Buffer, hostname: string): OwnContent {
  const content = Buffer.concat([Buffer.from(`${loopField(hostname)}\r\n`), octets])
  const body = isAscii(content) ? '7BIT' : '8BITMIME'
  return { content, body, smtputf8: false, eightBit: 'keep' }
}
