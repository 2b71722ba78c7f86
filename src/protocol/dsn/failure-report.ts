// SPDX-License-Identifier: Apache-2.0
/**
 * The DSN that tells a submitter about recipients that will not get the message. RFC 3461 §5 and §6, RFC 3464, RFC 6522
 * (multipart/report), RFC 6533 where an address or the original needs UTF-8, RFC 3834 (Auto-Submitted).
 *
 * Known limits: only failures; no reports of success, relay or delay. `Message-ID` is added where all mail gets it.
 */
import { isAscii } from 'node:buffer'
import { contentLimits } from '../../base/limits.ts'
import type { Envelope, Recipient } from '../envelope.ts'
import { isInternational } from '../mailbox.ts'
import { formatDateTime } from '../message/date-time.ts'
import { foldWords } from '../message/fold-words.ts'
import { fieldValue, findHeaderEnd, parseHeaderSection } from '../message/header-section.ts'
import { formatReply } from '../reply.ts'
import { deliveryStatus } from './delivery-status.ts'
import type { FailedRecipient, FailureReport } from './failure-facts.ts'

export type { FailedRecipient, FailureReport } from './failure-facts.ts'

export interface ReportContent {
  readonly content: Buffer
  /** What its own envelope must say. */
  readonly body: Envelope['body']
  readonly smtputf8: boolean
}

/** RFC 3461 §4.1, §6.2: not where NOTIFY says otherwise, and never to the null reverse-path (RFC 5321 §6.1). */
export function wantsFailureReport(
  envelope: Pick<Envelope, 'reversePath'>,
  recipient: Recipient,
): boolean {
  if (envelope.reversePath === null) return false
  return recipient.notify === null || recipient.notify.includes('FAILURE')
}

export function writeFailureReport(report: FailureReport): ReportContent {
  const returned = returnedOriginal(report)
  const mailboxes = report.failures.map((failure) => failure.recipient.forwardPath)
  const smtputf8 =
    report.envelope.smtputf8 || [report.reversePath, ...mailboxes].some(isInternational)
  const boundary = boundaryNotIn(returned.octets, report.messageId)
  const is8Bit = smtputf8 || !isAscii(returned.octets)
  const encoding = is8Bit ? '8bit' : '7bit'
  const content = Buffer.concat([
    Buffer.from(
      [
        ...reportHeader(report, returned.octets, boundary, encoding),
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
        `Content-Type: ${originalType(returned.isWhole, smtputf8)}`,
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
  report: FailureReport,
  original: Buffer,
  boundary: string,
  encoding: string,
): string[] {
  const answered = originalMessageId(original)
  const references =
    answered === null ? [] : [`In-Reply-To: ${answered}`, `References: ${answered}`]
  return [
    `From: Mail Delivery System <${report.from}>`,
    `To: <${report.reversePath}>`,
    'Subject: Your message could not be delivered',
    `Date: ${formatDateTime(report.now)}`,
    ...references,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    `Content-Transfer-Encoding: ${encoding}`,
  ]
}

/** What a person needs to know, first. */
function explanation(report: FailureReport, smtputf8: boolean): string[] {
  const lines = [
    `This is the mail system at ${report.hostname}.`,
    '',
    'Your message could not be delivered to the following recipients. It will not',
    'be tried again.',
  ]
  for (const failure of report.failures) {
    lines.push('', `<${failure.recipient.forwardPath}>`)
    lines.push(...foldWords(reasonOf(failure), smtputf8).map((line) => `    ${line}`))
  }
  lines.push('', 'The technical details are attached, and so is what you sent or its beginning.')
  return lines
}

function reasonOf(failure: FailedRecipient): string {
  const { reply } = failure
  const host = failure.remoteMta === null ? 'This mail system' : `The host ${failure.remoteMta}`
  const words = reply === null ? 'no host answered' : `${host} said: ${formatReply(reply)}`
  if (failure.because === 'bounced') return words
  return `It was tried until it was too old. At the last attempt: ${words}`
}

/** RFC 6522 §3, RFC 6533 §5 and §6. */
function originalType(isWhole: boolean, smtputf8: boolean): string {
  if (isWhole) return smtputf8 ? 'message/global' : 'message/rfc822'
  return smtputf8 ? 'message/global-headers' : 'text/rfc822-headers'
}

/** RFC 3461 §4.3; where RET was not given, the header section is enough. */
function returnedOriginal(report: FailureReport): { octets: Buffer; isWhole: boolean } {
  const { octets, isComplete } = report.original
  const original = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const isSmall = original.length <= contentLimits.returnedOctets
  if (report.envelope.ret === 'FULL' && isComplete && isSmall)
    return { octets: original, isWhole: true }
  const end = findHeaderEnd(original)
  const header = end === -1 ? original : original.subarray(0, end)
  if (header.length <= contentLimits.returnedOctets) return { octets: header, isWhole: false }
  const cut = header.lastIndexOf('\r\n', contentLimits.returnedOctets)
  return { octets: header.subarray(0, Math.max(0, cut + 2)), isWhole: false }
}

/** RFC 2046 §5.1.1: the submitter wrote the original and may have guessed. */
function boundaryNotIn(octets: Buffer, messageId: string): string {
  let boundary = `=_${messageId}`
  for (let attempt = 1; octets.includes(`--${boundary}`); attempt++)
    boundary = `=_${messageId}_${attempt}`
  return boundary
}

/** Only where it is well-formed: it is repeated in our header section. */
function originalMessageId(original: Buffer): string | null {
  const end = findHeaderEnd(original)
  const section = parseHeaderSection(original, end === -1 ? original.length : end)
  if (section.kind === 'fault') return null
  const field = section.fields.find(({ name }) => name === 'message-id')
  const value = field ? fieldValue(field) : ''
  return /^<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>$/.test(value) ? value : null
}
