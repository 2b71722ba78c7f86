// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readLines, summaryOf } from '../../../test/support/report-lines.ts'

describe('A feedback report', () => {
  const feedback = (...fields: readonly string[]) =>
    readLines(
      'From: fbl@provider.example',
      'Content-Type: multipart/report; report-type=feedback-report; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'A complaint.',
      '--b',
      'Content-Type: message/feedback-report',
      '',
      ...fields,
      '--b',
      'Content-Type: message/rfc822',
      '',
      'Return-Path: <token@bounce.example>',
      'To: redacted@example.net',
      '--b--',
    )

  it('is a complaint of whom it names', () => {
    const report = feedback('Feedback-Type: abuse', 'Original-Rcpt-To: <jane@example.net>')
    assert.equal(report.kind, 'complaint')
    assert.deepEqual(
      report.recipients.map(({ address }) => address),
      ['jane@example.net'],
    )
    assert.equal(report.returned.first('return-path'), '<token@bounce.example>')
  })

  it('may name nobody', () => {
    const report = feedback('Feedback-Type: abuse', 'Original-Rcpt-To: redacted@example.net')
    assert.deepEqual([report.kind, report.recipients], ['complaint', []])
  })

  for (const [type, kind] of [
    ['opt-out', 'unsubscribe'],
    ['auth-failure', 'other'],
    ['not-spam', 'other'],
    ['fraud', 'complaint'],
    ['something-new', 'other'],
  ])
    it(`of the type ${type} is ${kind}`, () => {
      const report = feedback(`Feedback-Type: ${type}`)
      assert.deepEqual([report.kind, report.feedbackType], [kind, type])
    })

  it('without a type is none', () => {
    assert.equal(feedback('User-Agent: x').kind, 'other')
  })

  it('of Microsoft is the mail itself with a field that names the recipient', () => {
    const report = readLines(
      'From: staff@provider.example',
      'Subject: complaint about message from 192.0.2.1',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: message/rfc822',
      '',
      'X-HmXmrOriginalRecipient: jane@example.net',
      'From: shop@shop.example',
      '',
      'News.',
      '--b--',
    )
    assert.equal(summaryOf(report), 'complaint | jane@example.net delivered  ')
  })
})
