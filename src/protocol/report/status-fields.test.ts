// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { daemon, readLines, summaryOf } from '../../../test/support/report-lines.ts'
import type { ReadReport } from './report-facts.ts'

function statusReport(...fields: readonly string[]): ReadReport {
  return readLines(
    daemon,
    'Subject: Delivery report',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'It was not delivered.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    ...fields,
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    'Message-ID: <one@shop.example>',
    'To: jane@example.net',
    '--b--',
  )
}

describe('A report with fields for programs', () => {
  it('names each recipient, with what was said of it', () => {
    const report = statusReport(
      'Reporting-MTA: dns; mx.example',
      '',
      'Original-Recipient: rfc822;jane@example.net',
      'Final-Recipient: rfc822; jane.doe@inside.example',
      'Action: failed',
      'Status: 5.1.1',
      'Remote-MTA: dns; inner.example',
      'Diagnostic-Code: smtp; 550 5.1.1 No such user',
      '',
      'Final-Recipient: rfc822; <bo@example.net>',
      'Action: delayed (greylisted)',
      'Status: 4.2.0 (try later)',
    )
    assert.equal(
      summaryOf(report),
      'bounce | jane@example.net failed 5.1.1 550 | bo@example.net delayed 4.2.0 ',
    )
    assert.equal(report.reportingMta, 'mx.example')
    assert.equal(report.recipients[0]?.remoteMta, 'inner.example')
    assert.equal(report.returned.first('message-id'), '<one@shop.example>')
  })

  it('is no bounce where mail is tried again, or was passed on', () => {
    for (const [action, kind] of [
      ['delayed', 'delayed'],
      ['relayed', 'other'],
      ['delivered', 'other'],
      ['expanded', 'other'],
    ])
      assert.equal(
        statusReport('Final-Recipient: rfc822; a@b.example', `Action: ${action}`).kind,
        kind,
      )
  })

  for (const [what, fields, expected] of [
    [
      'without empty lines between its groups',
      [
        'Reporting-MTA: dns; mx.example',
        'Final-Recipient: rfc822; a@b.example',
        'Status: 5.2.2',
        'Final-Recipient: rfc822; c@d.example',
        'Status: 5.1.1',
      ],
      'bounce | a@b.example failed 5.2.2  | c@d.example failed 5.1.1 ',
    ],
    [
      'with a vague status beside an exact reply',
      [
        'Final-Recipient: rfc822; a@b.example',
        'Action: failed',
        'Status: 5.0.0',
        'Diagnostic-Code: smtp; 552-5.2.2 Mailbox full',
      ],
      'bounce | a@b.example failed 5.2.2 552',
    ],
    [
      'with an original recipient in xtext',
      ['Original-Recipient: rfc822;a+2Bb+40c.example', 'Action: failed'],
      'bounce | a+b@c.example failed  ',
    ],
    [
      'with a recipient of UTF-8',
      ['Final-Recipient: utf-8; jörg@b.example', 'Status: 5.1.1'],
      'bounce | jörg@b.example failed 5.1.1 ',
    ],
    [
      'that hides its recipient',
      ['Final-Recipient: x-local; 1234', 'Action: failed', 'Status: 5.1.1'],
      'bounce |  failed 5.1.1 ',
    ],
  ] as const)
    it(`is read ${what}`, () => assert.equal(summaryOf(statusReport(...fields)), expected))

  it('is found within a forward, and behind quote marks', () => {
    const inner = [
      daemon,
      'Content-Type: message/delivery-status',
      '',
      'Final-Recipient: rfc822; a@b.example',
      'Action: failed',
    ]
    const nested = readLines(
      'From: Jo <jo@example.org>',
      'Subject: Fwd: what is this?',
      'Content-Type: multipart/mixed; boundary=x',
      '',
      '--x',
      'Content-Type: message/rfc822',
      '',
      ...inner,
      '--x--',
    )
    assert.equal(summaryOf(nested), 'bounce | a@b.example failed  ')
    const quoted = readLines(
      'From: Jo <jo@example.org>',
      'Subject: Fwd: Returned mail',
      '',
      '> Final-Recipient: rfc822; a@b.example',
      '> Action: failed',
    )
    assert.equal(summaryOf(quoted), 'bounce | a@b.example failed  ')
  })
})
