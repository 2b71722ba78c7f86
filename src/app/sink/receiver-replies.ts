// SPDX-License-Identifier: Apache-2.0
/**
 * What receivers say when they refuse, in their own words, so that whatever reads replies is tried with real
 * ones. `{client}` becomes the peer's address, `{recipient}` the mailbox. Texts as published by the providers'
 * postmaster pages and seen in delivery logs.
 */
import { type Reply, reply } from '../../protocol/reply.ts'

export interface ReceiverReplies {
  readonly tempfail: Reply
  readonly unknown: Reply
  readonly full: Reply
  readonly greylisted: Reply
  /** Above the rate; the session ends. */
  readonly throttled: Reply
  /** At the greeting; the session ends. */
  readonly tooManyConnections: Reply
  /** After the last message that one connection may carry; the session ends. */
  readonly connectionUsedUp: Reply
}

/** As a mail server out of the box would say it. */
export const plainReplies: ReceiverReplies = {
  tempfail: reply(451, '4.3.0', 'Temporary failure, try again later'),
  unknown: reply(550, '5.1.1', '<{recipient}>: Recipient address rejected: User unknown'),
  full: reply(552, '5.2.2', 'Mailbox full'),
  greylisted: reply(450, '4.7.1', '<{recipient}>: Recipient address rejected: Greylisted'),
  throttled: reply(421, '4.7.0', 'Too many messages from {client}, slow down'),
  tooManyConnections: reply(421, '4.7.0', 'Too many connections from {client}'),
  connectionUsedUp: reply(421, '4.7.0', 'Too many messages on this connection'),
}

export const googleReplies: ReceiverReplies = {
  ...plainReplies,
  tempfail: reply(451, '4.3.0', 'Mail server temporarily rejected message. - gsmtp'),
  unknown: reply(
    550,
    '5.1.1',
    'The email account that you tried to reach does not exist. Please try\n' +
      "double-checking the recipient's email address for typos or\n" +
      'unnecessary spaces. Learn more at\n' +
      'https://support.google.com/mail/?p=NoSuchUser - gsmtp',
  ),
  full: reply(
    552,
    '5.2.2',
    'The email account that you tried to reach is over quota. Please\n' +
      'direct the recipient to https://support.google.com/mail/?p=OverQuotaPerm - gsmtp',
  ),
  throttled: reply(
    421,
    '4.7.28',
    '[{client}] Our system has detected an unusual rate of\n' +
      'unsolicited mail originating from your IP address. To protect our\n' +
      'users from spam, mail sent from your IP address has been temporarily\n' +
      'rate limited. Please visit\n' +
      'https://support.google.com/mail/?p=UnsolicitedRateLimitError to\n' +
      'review our Bulk Email Senders Guidelines. - gsmtp',
  ),
}

export const microsoftReplies: ReceiverReplies = {
  ...plainReplies,
  unknown: reply(550, '5.5.0', 'Requested action not taken: mailbox unavailable'),
  full: reply(554, '5.2.2', 'mailbox full; Failed to process message due to a permanent exception'),
  throttled: reply(
    421,
    null,
    'RP-001 The mail server IP connecting to Outlook.com server has exceeded the rate limit allowed.',
  ),
  tooManyConnections: reply(
    421,
    null,
    'RP-003 The mail server IP connecting to Outlook.com server has exceeded the connection limit allowed.',
  ),
}

export const yahooReplies: ReceiverReplies = {
  ...plainReplies,
  tempfail: reply(451, null, 'Message temporarily deferred - [170]'),
  unknown: reply(
    554,
    null,
    "delivery error: dd This user doesn't have a yahoo.com account ({recipient}) [-9]",
  ),
  throttled: reply(
    421,
    '4.7.0',
    '[TSS04] Messages from {client} temporarily deferred due to unexpected volume or user ' +
      'complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
  ),
  connectionUsedUp: reply(
    421,
    null,
    'Max message per connection reached closing transmission channel',
  ),
}

/** The text with its blanks filled. */
export function filled(template: Reply, blanks: { client: string; recipient?: string }): Reply {
  const text = template.text
    .replaceAll('{client}', blanks.client)
    .replaceAll('{recipient}', blanks.recipient ?? '')
  return reply(template.code, template.enhanced, text)
}

/** As it goes over the wire, RFC 5321 §4.2.1: every line with the code and the enhanced code. */
export function wireReply(answer: Reply): string {
  const lines = answer.text.split('\n')
  const enhanced = answer.enhanced === null ? '' : `${answer.enhanced} `
  return lines
    .map((line, at) => `${answer.code}${at === lines.length - 1 ? ' ' : '-'}${enhanced}${line}\r\n`)
    .join('')
}
