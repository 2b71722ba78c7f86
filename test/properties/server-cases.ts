// SPDX-License-Identifier: Apache-2.0
/** What clients say, good, bad and hostile, as arbitraries. */
import fc from 'fast-check'
import { base64 } from '../support/session-script.ts'
import type { ServerCase } from './server-peer.ts'

/** In order, so that a case begins deep as often as not. */
const openings = [
  '',
  'EHLO c.example\r\n',
  'EHLO c.example\r\nMAIL FROM:<a@b>\r\n',
  'EHLO c.example\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n',
  'EHLO c.example\r\nMAIL FROM:<slow@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n',
  'EHLO c.example\r\nMAIL FROM:<slow@b>\r\nRCPT TO:<c@d>\r\nBDAT 3\r\nabc',
  'EHLO c.example\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n',
  'EHLO c.example\r\nSTARTTLS\r\n',
  'EHLO c.example\r\nAUTH LOGIN\r\n',
] as const

const lines = [
  'EHLO c.example',
  'HELO c.example',
  'ehlo [192.0.2.1]',
  'EHLO a b',
  'MAIL FROM:<a@b>',
  'MAIL FROM:<> SIZE=10 BODY=8BITMIME',
  'MAIL FROM:<refused@b> RET=HDRS ENVID=x+2By',
  'MAIL FROM:<later@b> SMTPUTF8',
  'MAIL FROM:<closing@b> HOLDFOR=60',
  'MAIL FROM:<slow@b> MT-PRIORITY=3',
  'MAIL FROM:<ü@b>',
  'MAIL FROM:<a@b> SIZE=99999 REQUIRETLS',
  'MAIL FROM:a@b',
  'RCPT TO:<c@d>',
  'RCPT TO:<e@f> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;e@f',
  'RCPT TO:<g@h>',
  'RCPT TO:<postmaster>',
  'RCPT TO:<@x:i@j>',
  'RCPT TO:<>',
  'DATA',
  'DATA x',
  'BDAT 0',
  'BDAT 0 LAST',
  'BDAT 5\r\nabcd\n',
  'BDAT 7 LAST\r\nab\r\ncd',
  'BDAT 12\r\nQUIT\r\nRSET\r\n',
  'BDAT 3\r\na\0b',
  'BDAT x',
  'RSET',
  'NOOP',
  'HELP',
  'VRFY x',
  'EXPN x',
  'STARTTLS',
  'AUTH LOGIN',
  'AUTH PLAIN',
  'AUTH SCRAM-SHA-256',
  'AUTH X',
  `AUTH PLAIN ${base64('\0me\0right')}`,
  `AUTH PLAIN ${base64('\0slow\0wrong')}`,
  `AUTH SCRAM-SHA-256 ${base64('n,,n=me,r=nonce')}`,
  base64('me'),
  base64('right'),
  base64('unheard'),
  base64('c=biws,r=nonceserver,p=AAAA'),
  '*',
  'XCLIENT ADDR=192.0.2.1',
  'XCLIENT ADDR=192.0.2.9 HELO=x',
  'XCLIENT NAME',
  'GET / HTTP/1.1',
  'QUIT',
  'Subject: x\r\n\r\nText\r\n.',
  'x\r\n.\rMAIL FROM:<smuggled@b>\r\nx\r\n.',
  'x\r\n.\nMAIL FROM:<smuggled@b>',
  'DATA\r\nx\r\n.\rx\r\n.',
  'BDAT 4 LAST\r\nab\r\n',
  '.',
  '..',
  '\r\n\r\n.',
  'x\n.\r\nMAIL FROM:<smuggled@b>',
  'x\r.\r\nRCPT TO:<smuggled@b>',
  '',
  `NOOP ${'x'.repeat(170)}`,
  'y'.repeat(95),
  'z'.repeat(300),
] as const

const line = fc.constantFrom(...lines)
const lineEnd = fc.constantFrom(
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\n',
  '\r',
  '',
)

const told = fc.oneof(
  { weight: 8, arbitrary: line.map((text) => Buffer.from(`${text}\r\n`)) },
  { weight: 1, arbitrary: fc.tuple(line, lineEnd).map(([text, end]) => Buffer.from(text + end)) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets)),
  },
)

export const serverCase: fc.Arbitrary<ServerCase> = fc.record({
  octets: fc
    .tuple(fc.constantFrom(...openings), fc.array(told, { maxLength: 16 }))
    .map(([opening, rest]) => Buffer.concat([Buffer.from(opening), ...rest])),
  lengths: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
  isPatient: fc.boolean(),
  isSlow: fc.boolean(),
  handshake: fc.constantFrom('done', 'done', 'done', 'broken'),
  ending: fc.constantFrom('end', 'cut', 'silence', 'drain', 'dismissal'),
})
