// SPDX-License-Identifier: Apache-2.0
/** Messages from `example.com` on which signers and verifiers are known to disagree. By what they are. */

const from = 'From: Joe <joe@example.com>\r\n'

const bodies = {
  'no body at all': '',
  'an empty line as body': '\r\n',
  'only blank lines': '\r\n \r\n\t\r\n\r\n',
  'only white space': ' \t ',
  'blank lines at the end': 'Hello\r\n\r\n\r\n',
  'white space at the end of lines': 'Hello \t\r\n world  \r\n \t \r\n',
  'no line end at the end': 'Hello\r\nworld',
  'white space and no line end at the end': 'Hello\r\nworld \t',
  'blank lines at the beginning': '\r\n\r\nHello\r\n',
  'runs of white space': 'a  b\t\tc \t d\r\n\te\r\n',
  'octets over 127': 'Grüße, \u{1f600}\r\n',
  'dots and From lines': '.\r\n..\r\nFrom here on\r\n--\r\n',
  'a very long line': `${'0123456789 '.repeat(5_900)}\r\n`,
  'many lines': 'A line of text that is quite ordinary.\r\n'.repeat(3_000),
} as const

const headers = {
  'a folded Subject': 'Subject: one\r\n  two\r\n\tthree \t\r\n',
  'an empty Subject': 'Subject:\r\nReply-To: \r\n',
  'tabs and no space after the colon': 'Subject:\tx\t\ty\r\nTo:jane@example.net\r\n',
  'space before the colon': 'Subject : x\r\nTo \t: jane@example.net\r\n',
  'repeated fields':
    'List-Id: <a.example.com>\r\nFeedback-ID: 1\r\nList-Id: <b.example.com>\r\nFeedback-ID: 2\r\nFeedback-ID: 3\r\n',
  'fields in odd case': 'SUBJECT: x\r\nmime-version: 1.0\r\nCONTENT-type: text/plain\r\n',
  'a value that begins on the next line': 'Subject:\r\n x\r\nTo:\r\n\t\r\n jane@example.net\r\n',
  'octets over 127 in fields': 'Subject: Grüße\r\n',
  'everything that is signed':
    'Sender: s@example.com\r\nReply-To: r@example.com\r\nIn-Reply-To: <1@example.com>\r\n' +
    'References: <1@example.com>\r\n <2@example.com>\r\nList-Id: <l.example.com>\r\n' +
    'List-Unsubscribe: <https://example.com/u>,\r\n <mailto:u@example.com>\r\n' +
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFeedback-ID: a:b:c:d\r\n' +
    'MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n\tcharset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n',
} as const

export const trickyMessages: ReadonlyMap<string, Buffer> = new Map(
  [
    ...Object.entries(bodies).map(
      ([what, body]) => [what, `${from}Subject: x\r\n\r\n${body}`] as const,
    ),
    ...Object.entries(headers).map(
      ([what, fields]) => [what, `${fields}${from}\r\nHello\r\n`] as const,
    ),
  ].map(([what, text]) => [what, Buffer.from(text)]),
)
