// SPDX-License-Identifier: Apache-2.0
/** `npm run bench:classify`: processor time of one classification, over real replies where they are there, and of reading a report. */
import { classify } from '../src/protocol/classify/classify.ts'
import { replyInText } from '../src/protocol/classify/reply-in-text.ts'
import { readReport } from '../src/protocol/report/read-report.ts'
import { replySamples } from '../test/score/samples.ts'
import { programOptions } from '../test/support/program-options.ts'

programOptions('Usage: npm run bench:classify', {})

const RUNS = 10
const REPLIES_A_RUN = 50_000
const REPORTS_A_RUN = 500
const made = ['550 5.1.1 <a@example.com>: No such user', '421 4.7.0 Too many connections from you']

/** What is returned with a report. */
const returned = [
  ...[
    'From: shop@shop.example',
    'To: a@example.com',
    'Subject: News',
    'Message-ID: <1@shop.example>',
  ],
  ...[
    '',
    ...Array<string>(700).fill(
      'All that is new in the shop, line after line, until there are 50 KiB.',
    ),
  ],
].join('\r\n')
const from = 'From: MAILER-DAEMON@mx.example\r\nTo: bounce@shop.example\r\n'
/** As RFC 3464 has it. */
const standard = Buffer.from(
  `${from}Subject: Undelivered Mail\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; ${made[0]}\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${returned}\r\n--b--\r\n`,
)
/** As qmail writes it. */
const notice = Buffer.from(
  `${from}Subject: failure notice\r\n\r\nHi. This is the qmail-send program at mx.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\n\r\n<a@example.com>:\r\n192.0.2.1 does not like recipient.\r\nRemote host said: ${made[0]}\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n${returned}\r\n`,
)

const texts = replySamples()?.map(({ text }) => text) ?? made
const replies = texts.map(replyInText)
const characters = replies.reduce((sum, { text }) => sum + text.length, 0) / replies.length
console.log(`${replies.length} replies of ${Math.round(characters)} characters on average`)
console.log(`classified in ${best(() => replies.forEach((reply) => void classify(reply)))} µs each`)
console.log(
  `read out of a report's words in ${best(() => texts.forEach((text) => void replyInText(text)))} µs each`,
)

console.log(
  `a report of ${Math.round(standard.length / 1_024)} KiB read in ${best(() => void readReport(standard), 1)} µs`,
)
console.log(
  `a notice of ${Math.round(notice.length / 1_024)} KiB in words read in ${best(() => void readReport(notice), 1)} µs`,
)

/** Of all runs the quickest: others are slowed down by what else the machine does. */
function best(pass: () => void, items = texts.length): string {
  const passes = Math.ceil((items === 1 ? REPORTS_A_RUN : REPLIES_A_RUN) / items)
  const runs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage()
    for (let done = 0; done < passes; done++) pass()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (passes * items)
  })
  return Math.min(...runs).toFixed(2)
}
