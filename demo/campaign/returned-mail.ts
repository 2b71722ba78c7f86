// SPDX-License-Identifier: Apache-2.0
/** What providers and their users send back, in the forms that they really use: each is a whole mail and its envelope. */
import { pick } from './fate.ts'
import type { CampaignProvider } from './mailboxes.ts'

/** A message that was taken, as its receiver has it. */
export interface TakenMail {
  readonly provider: CampaignProvider
  readonly recipient: string
  /** The return path that it came with. */
  readonly returnPath: string
  readonly header: string
}

export interface ReturnedMail {
  /** Empty for the null reverse-path. */
  readonly from: string
  readonly to: string
  readonly content: string
}

interface Diagnosis {
  readonly status: string
  readonly text: string
}

export const diagnoses = {
  gone: { status: '5.1.1', text: '550 5.1.1 The account that you tried to reach does not exist' },
  filtered: { status: '5.7.1', text: '550 5.7.1 Message rejected as spam by content filter' },
  full: { status: '5.2.2', text: '552 5.2.2 The mailbox is over its quota' },
} as const satisfies Record<string, Diagnosis>

export function bounce(mail: TakenMail, diagnosis: Diagnosis): ReturnedMail {
  const write = pick([asPostfix, asExchange, asExim, asQmail], mail.recipient)
  return { from: '', to: mail.returnPath, content: write(mail, diagnosis) }
}

/** RFC 5965; redacted, as most providers do. */
export function complaint(mail: TakenMail, mailbox: string): ReturnedMail {
  const from = `fbl@${mail.provider.mxHost}`
  const content = multipart(
    [`From: <${from}>`, `To: <${mailbox}>`, 'Subject: complaint about message'],
    'feedback-report',
    [
      part('text/plain', ['This is an email abuse report.']),
      part('message/feedback-report', [
        'Feedback-Type: abuse',
        'User-Agent: Loop/1.0',
        'Version: 1',
        'Original-Rcpt-To: <redacted>',
      ]),
      part('message/rfc822', [`Return-Path: <${mail.returnPath}>`, mail.header, '', 'Redacted.']),
    ],
  )
  return { from, to: mailbox, content }
}

/** By the List-Unsubscribe of the mail itself (RFC 2369); `null`: it has none. */
export function unsubscription({ header, recipient }: TakenMail): ReturnedMail | null {
  const unfolded = header.replaceAll(/\r\n[ \t]+/g, ' ')
  const field = /^List-Unsubscribe:.*?<mailto:([^?>]+)\?subject=([^>]+)>/im.exec(unfolded)
  const [, to, subject] = field ?? []
  if (to === undefined || subject === undefined) return null
  const content = [`From: <${recipient}>`, `To: <${to}>`, `Subject: ${subject}`, '', '', ''].join(
    '\r\n',
  )
  return { from: recipient, to, content }
}

/** RFC 3834. */
export function automaticReply({ recipient, returnPath }: TakenMail): ReturnedMail {
  const content = [
    `From: <${recipient}>`,
    `To: <${returnPath}>`,
    'Subject: Out of office: Spring is here',
    'Auto-Submitted: auto-replied',
    '',
    'I am on holiday until Monday.',
    '',
  ].join('\r\n')
  return { from: '', to: returnPath, content }
}

function asPostfix(mail: TakenMail, { status, text }: Diagnosis): string {
  const { provider, recipient, returnPath } = mail
  return multipart(
    [
      `From: MAILER-DAEMON@${provider.mxHost} (Mail Delivery System)`,
      `To: <${returnPath}>`,
      'Subject: Undelivered Mail Returned to Sender',
      'Auto-Submitted: auto-replied',
    ],
    'delivery-status',
    [
      part('text/plain; charset=us-ascii', [
        `This is the mail system at host ${provider.mxHost}.`,
        '',
        `<${recipient}>: host mailbox said: ${text} (in reply to end of DATA command)`,
      ]),
      part('message/delivery-status', [
        `Reporting-MTA: dns; ${provider.mxHost}`,
        '',
        `Final-Recipient: rfc822; ${recipient}`,
        `Original-Recipient: rfc822;${recipient}`,
        'Action: failed',
        `Status: ${status}`,
        `Diagnostic-Code: smtp; ${text}`,
      ]),
      part('text/rfc822-headers', [mail.header]),
    ],
  )
}

function asExchange(mail: TakenMail, { status, text }: Diagnosis): string {
  const { provider, recipient, returnPath } = mail
  return multipart(
    [
      `From: Microsoft Outlook <postmaster@${provider.mxHost}>`,
      `To: <${returnPath}>`,
      'Subject: Undeliverable: Spring is here',
      'X-MS-Exchange-Message-Is-Ndr:',
      'Auto-Submitted: auto-generated',
    ],
    'delivery-status',
    [
      part('text/html; charset=utf-8', [
        `<html><body><p>Your message to <b>${recipient}</b> couldn't be delivered.</p></body></html>`,
      ]),
      part('message/delivery-status', [
        `Reporting-MTA: dns;${provider.mxHost}`,
        '',
        `Final-Recipient: rfc822;${recipient}`,
        'Action: failed',
        `Status: ${status}`,
        `Diagnostic-Code: smtp;${text}`,
        `X-Display-Name: ${recipient}`,
      ]),
      part('message/rfc822', [`Return-Path: <${returnPath}>`, mail.header, '', 'Spring is here.']),
    ],
  )
}

/** No report of any standard. */
function asExim(
  { header, provider, recipient, returnPath }: TakenMail,
  { text }: Diagnosis,
): string {
  return [
    `From: Mail Delivery System <Mailer-Daemon@${provider.mxHost}>`,
    `To: <${returnPath}>`,
    `X-Failed-Recipients: ${recipient}`,
    'Auto-Submitted: auto-replied',
    'Subject: Mail delivery failed: returning message to sender',
    '',
    'This message was created automatically by mail delivery software.',
    '',
    'A message that you sent could not be delivered to one or more of its',
    'recipients. This is a permanent error. The following address(es) failed:',
    '',
    `  ${recipient}`,
    `    ${text}`,
    '',
    '------ This is a copy of the message, including all the headers. ------',
    '',
    `Return-path: <${returnPath}>`,
    header,
    '',
  ].join('\r\n')
}

function asQmail(
  { header, provider, recipient, returnPath }: TakenMail,
  { text }: Diagnosis,
): string {
  return [
    `From: MAILER-DAEMON@${provider.mxHost}`,
    `To: <${returnPath}>`,
    'Subject: failure notice',
    '',
    `Hi. This is the qmail-send program at ${provider.mxHost}.`,
    "I'm afraid I wasn't able to deliver your message to the following addresses.",
    "This is a permanent error; I've given up. Sorry it didn't work out.",
    '',
    `<${recipient}>:`,
    `Remote host said: ${text}`,
    '',
    '--- Below this line is a copy of the message.',
    '',
    `Return-Path: <${returnPath}>`,
    header,
    '',
  ].join('\r\n')
}

function part(type: string, lines: readonly string[]): readonly string[] {
  return [`Content-Type: ${type}`, '', ...lines, '']
}

function multipart(
  header: readonly string[],
  kind: string,
  parts: readonly (readonly string[])[],
): string {
  return [
    ...header,
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${kind}; boundary="=_part"`,
    '',
    ...parts.flatMap((lines) => ['--=_part', ...lines]),
    '--=_part--',
    '',
  ].join('\r\n')
}
