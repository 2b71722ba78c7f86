// SPDX-License-Identifier: Apache-2.0
/** Mail that came back: parts, fields, charsets, reports with and without a standard, and what is looked for in them. */
import assert from 'node:assert/strict'
import { reportLimits } from '../../src/base/limits/feedback-limits.ts'
import { findIds, findToken } from '../../src/feedback/evidence.ts'
import { headerOf } from '../../src/feedback/mail-header.ts'
import { isForwardedBy } from '../../src/feedback/operator-mail.ts'
import { classifyReported } from '../../src/protocol/classify/classify-reported.ts'
import { parseMailbox } from '../../src/protocol/mailbox.ts'
import { readReport } from '../../src/protocol/report/read-report.ts'
import { clock, newId, sealer, tokenOf } from '../support/feedback-samples.ts'
import type { FuzzTarget } from './targets.ts'

const bounce =
  'From: MAILER-DAEMON@x\r\nSubject: Undelivered mail\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n'

export const reportTarget: FuzzTarget = {
  seeds: [
    `${bounce}Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <${tokenOf(newId())}@x>\r\n--b--\r\n`,
    `${bounce}Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: a@b.example\r\n--b--\r\n`,
    'From: MAILER-DAEMON@x\r\nSubject: failure notice\r\n\r\n<a@b.example>:\r\n550 5.1.1 no such user\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nTo: a@b.example\r\n',
    'Subject: Automatic reply\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+JiMzMzs8L3A+',
    'Subject: Returned mail\r\nFrom: postmaster@x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=1B$B$"=\r\n could not be delivered to a@b.example',
  ],
  tokens: [
    '\r\n',
    '\r\n\r\n',
    '--b\r\n',
    '--b--',
    'Content-Type: multipart/mixed; boundary=b',
    'Content-Type: message/rfc822',
    'Content-Type: text/html',
    'Content-Transfer-Encoding: base64',
    'Final-Recipient: rfc822; ',
    'Action: delayed',
    'Diagnostic-Code: smtp; 550-5.7.1 ',
    'could not be delivered',
    '> ',
    '&#x',
    '=?utf-8?q?',
    '\x1b$B',
    'a@b.example',
    '"a b"@c.example',
  ],
  run: (input) => {
    const report = readReport(input)
    assert.ok(report.recipients.length <= reportLimits.recipients)
    for (const recipient of report.recipients) {
      const { address, code, status, text } = recipient
      assert.ok(address === null || parseMailbox(address) !== null)
      assert.ok(code === null || (code >= 400 && code < 600))
      assert.ok(status === null || /^[245]\.\d{1,3}\.\d{1,3}$/.test(status))
      assert.ok(text.length <= reportLimits.diagnosticCharacters)
      classifyReported(recipient)
    }
    findToken(input, report.returned, sealer, clock.now())
    findIds(report.returned, clock.now())
    isForwardedBy('relay.example', headerOf(input))
  },
}
