// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readLines } from '../../../test/support/report-lines.ts'
import { readReport } from './read-report.ts'

describe('Whatever comes', () => {
  const word = fc.constantFrom(
    '\r\n',
    '\n',
    '\r\n\r\n',
    '--b',
    '--b--',
    ': ',
    ' ',
    '\0',
    '\xff',
    '\x1b$B',
    '=?utf-8?b?',
    '?=',
    '=\r\n',
    '<',
    '&#',
    'From: MAILER-DAEMON',
    'Subject: Undeliverable',
    'Content-Type: multipart/report; boundary=b',
    'Content-Type: message/rfc822',
    'Content-Type: message/delivery-status',
    'Content-Type: message/feedback-report',
    'Content-Type: text/html',
    'Content-Transfer-Encoding: base64',
    'Final-Recipient: rfc822; ',
    'Feedback-Type: abuse',
    'Action: failed',
    'Status: 5.1.1',
    'jane@example.net',
    'could not be delivered',
    '550 5.1.1',
  )
  it('is read without a throw, and each address in it is one', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 60 }), (words) => {
        const octets = Buffer.from(words.join(''), 'latin1')
        const report = readReport(octets)
        for (const { address, text, code } of report.recipients) {
          assert.ok(address === null || /^.+@.+$/u.test(address))
          assert.ok(!text.includes('\n'))
          assert.ok(code === null || (code >= 400 && code < 600))
        }
        assert.deepEqual(readReport(octets), report)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is read within its bounds: parts, depth, recipients', () => {
    let nested = 'x'
    for (let depth = 0; depth < 200; depth++)
      nested = `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${nested}`
    assert.equal(readLines(nested).kind, 'other')
    const flood = 'Final-Recipient: rfc822; a@b.example\nAction: failed\n\n'.repeat(20_000)
    const report = readLines(`Content-Type: message/delivery-status\n\n${flood}`)
    assert.equal(report.recipients.length, 1_000)
  })
})
