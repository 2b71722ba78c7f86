// SPDX-License-Identifier: Apache-2.0
/** `npm run bench:classify`: processor time of one classification, over real replies where they are there, and of reading a report. */
import { classify } from '../src/protocol/classify/classify.ts'
import { replyInText } from '../src/protocol/classify/reply-in-text.ts'
import { readReport } from '../src/protocol/report/read-report.ts'
import { replySamples } from '../test/score/samples.ts'
import { programOptions } from '../test/support/program-options.ts'
import { failureOf } from '../test/support/returned-mail.ts'

programOptions('Usage: npm run bench:classify', {})

const RUNS = 10
const REPLIES_A_RUN = 50_000
const REPORTS_A_RUN = 500
const made = ['550 5.1.1 <a@example.com>: No such user', '421 4.7.0 Too many connections from you']

/** What is returned with a report. */
const line = 'All that is new in the shop, line after line, until there are 50 KiB.\r\n'
const returned = `From: shop@shop.example\r\nMessage-ID: <1@shop.example>\r\n\r\n${line.repeat(700)}`
/** As RFC 3464 has it. */
const standard = Buffer.from(
  failureOf('a@example.com', '5.1.1 No such user').replace(
    '--b--',
    `--b\r\nContent-Type: message/rfc822\r\n\r\n${returned}--b--`,
  ),
)
/** As qmail writes it. */
const notice = Buffer.from(
  [
    'From: MAILER-DAEMON@mx.example',
    'Subject: failure notice',
    '',
    'Hi. This is the qmail-send program at mx.example.',
    "I'm afraid I wasn't able to deliver your message to the following addresses.",
    '',
    '<a@example.com>:',
    '192.0.2.1 does not like recipient.',
    `Remote host said: ${made[0]}`,
    '',
    '--- Below this line is a copy of the message.',
    '',
    returned,
  ].join('\r\n'),
)

const texts = replySamples()?.map(({ text }) => text) ?? made
const replies = texts.map(replyInText)
const characters = replies.reduce((sum, { text }) => sum + text.length, 0) / replies.length
console.log(`${replies.length} replies of ${Math.round(characters)} characters on average`)
const rounds = Math.ceil(REPLIES_A_RUN / texts.length)
const ofAll = (work: () => void) => (best(work, rounds) / texts.length).toFixed(2)
console.log(
  `classified in ${ofAll(() => replies.forEach((reply) => void classify(reply)))} µs each`,
)
console.log(
  `read out of a report's words in ${ofAll(() => texts.forEach((text) => void replyInText(text)))} µs each`,
)
for (const [what, octets] of [
  ['a standard report', standard],
  ['a notice in words', notice],
] as const) {
  const micros = best(() => void readReport(octets), REPORTS_A_RUN)
  console.log(`${what} of ${Math.round(octets.length / 1_024)} KiB read in ${micros.toFixed(0)} µs`)
}

/** Microseconds of CPU of a pass in the quickest of all runs: others are slowed down by what else the machine does. */
function best(pass: () => void, passes: number): number {
  const runs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage()
    for (let done = 0; done < passes; done++) pass()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / passes
  })
  return Math.min(...runs)
}
