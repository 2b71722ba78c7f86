// SPDX-License-Identifier: Apache-2.0
/**
 * What a person wrote to us, as mail to the operator: the whole mail within one of ours, so that nothing of it is changed and
 * no check of its sender fails. From the null reverse-path, and marked: what comes back from there is not sent there again.
 */

import { isAscii } from 'node:buffer'
import type { OwnContent } from '../accept/own-mail.ts'
import type { Instant } from '../base/brand.ts'
import type { MessageId } from '../events/ids.ts'
import type { Mailbox } from '../protocol/mailbox.ts'
import { parseAddressList } from '../protocol/message/address-list.ts'
import { formatDateTime } from '../protocol/message/date-time.ts'
import { foldWords } from '../protocol/message/fold-words.ts'
import type { LooseFields } from '../protocol/message/loose-fields.ts'
import { headerOf } from './mail-header.ts'

/** On what we forward; as procmail and others have it. */
const MARK = 'X-Loop'

export interface ForwardedMail {
  readonly octets: Buffer
  /** Whom it came to. */
  readonly mailbox: Mailbox
  /** Of the message that it answers to, where it came to a return path. */
  readonly messageId: MessageId | null
  readonly peer: string
}

export interface OperatorLetter {
  readonly hostname: string
  /** Header From. */
  readonly from: string
  readonly to: Mailbox
  readonly now: Instant
  /** In the boundary; nobody outside may guess it. Letters and digits. */
  readonly mark: string
}

/** Whether it is one of ours that came back. */
export function isForwardedBy(hostname: string, header: LooseFields): boolean {
  return header.all(MARK.toLowerCase()).includes(markOf(hostname))
}

/** Without its line end. */
export function loopField(hostname: string): string {
  return `${MARK}: ${markOf(hostname)}`
}

function markOf(hostname: string): string {
  return `posthaste@${hostname}`
}

export function operatorMail(mail: ForwardedMail, letter: OperatorLetter): OwnContent {
  const header = headerOf(mail.octets)
  const boundary = `=_${letter.mark}`
  const head = [
    ...fieldsOf(mail, letter, header),
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    ...explanation(mail, letter),
    '',
    `--${boundary}`,
    'Content-Type: message/rfc822',
    ...(isAscii(mail.octets) ? [] : ['Content-Transfer-Encoding: 8bit']),
    '',
    '',
  ].join('\r\n')
  const content = Buffer.concat([
    Buffer.from(head, 'latin1'),
    mail.octets,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  return { content, body: isAscii(content) ? '7BIT' : '8BITMIME', smtputf8: false }
}

function fieldsOf(
  mail: ForwardedMail,
  { from, hostname, to, now }: OperatorLetter,
  header: LooseFields,
): readonly string[] {
  const about = mail.messageId === null ? `Mail to ${mail.mailbox}` : `Answer to ${mail.messageId}`
  const subject = `${about}: ${header.text('subject') || '(no subject)'}`
  const [author] = parseAddressList(
    header.first('reply-to') ?? header.first('from') ?? '',
    1,
  ).mailboxes
  return [
    `From: Posthaste <${from}>`,
    `To: <${to}>`,
    ...(author === undefined || !isAscii(Buffer.from(author)) ? [] : [`Reply-To: <${author}>`]),
    `Subject: ${foldWords(subject.slice(0, 500), false).join('\r\n\t')}`,
    `Date: ${formatDateTime(now)}`,
    'Auto-Submitted: auto-generated',
    loopField(hostname),
  ]
}

function explanation(
  { mailbox, messageId, peer }: ForwardedMail,
  { hostname }: OperatorLetter,
): readonly string[] {
  const where =
    messageId === null
      ? `to ${mailbox}`
      : `in answer to the message ${messageId}, to its return path`
  const text = `The mail below came to ${hostname} ${where}, from ${peer}. No program could make anything of it, so a person should look at it. Your answer goes to its author.`
  return foldWords(text, false)
}
