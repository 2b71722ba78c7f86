// SPDX-License-Identifier: Apache-2.0
/** What strangers could write in place of a report: any octets, and mail that is made to cost much. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BlockCoverage } from '../../../test/fuzz/block-coverage.ts'
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import { SeededRandom } from '../../base/random.ts'
import { classifyReported } from '../classify/classify-reported.ts'
import { failureClasses } from '../classify/failure-class.ts'
import { parseMailbox } from '../mailbox.ts'
import { readReport } from './read-report.ts'
import type { ReadReport } from './report-facts.ts'

const KINDS = ['bounce', 'delayed', 'complaint', 'auto-reply', 'unsubscribe', 'other']

/** Of which nearly all reports, good and bad, are made. */
const PIECES = [
  ...['\r\n', '\r\n\r\n', '\n', '\r', ' ', '\t', ':', ';', '<', '>', '"', '=', '--', '\0', '\xff'],
  ...['--b\r\n', '--b--\r\n', 'Content-Type: multipart/report; boundary=b\r\n'],
  ...['Content-Type: multipart/mixed; boundary="b"\r\n', 'Content-Type: message/rfc822\r\n\r\n'],
  ...[
    'Content-Type: message/delivery-status\r\n\r\n',
    'Content-Type: message/feedback-report\r\n\r\n',
  ],
  ...['Content-Type: text/html; charset=utf-7\r\n', 'Content-Transfer-Encoding: base64\r\n'],
  ...[
    'Content-Transfer-Encoding: quoted-printable\r\n',
    'Final-Recipient: rfc822; a@b.example\r\n',
  ],
  ...['Action: failed\r\n', 'Action: delayed\r\n', 'Status: 5.1.1\r\n', 'Status: 9.9.9\r\n'],
  ...['Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n', 'Feedback-Type: abuse\r\n'],
  ...[
    'From: MAILER-DAEMON@x.example\r\n',
    'Subject: failure notice\r\n',
    'Auto-Submitted: auto-replied\r\n',
  ],
  ...[
    'could not be delivered',
    '<a@b.example>:',
    '550 5.7.1 blocked',
    'mailbox is full',
    '&#x41;',
    '<p>',
  ],
  ...[
    '=?utf-8?B?aGE=?=',
    '=1B$B',
    'bm8gc3VjaCB1c2Vy',
    '=3D\r\n',
    'X-Failed-Recipients: a@b.example\r\n',
  ],
] as const

function madeUp(random: SeededRandom): Buffer {
  const parts: string[] = []
  for (let count = Math.floor(random.fraction() * 60); count >= 0; count--) {
    const isNoise = random.fraction() < 0.15
    const piece = PIECES[Math.floor(random.fraction() * PIECES.length)] ?? ''
    parts.push(
      isNoise ? random.bytes(1 + Math.floor(random.fraction() * 20)).toString('latin1') : piece,
    )
  }
  return Buffer.from(parts.join(''), 'latin1')
}

function check(report: ReadReport): void {
  assert.ok(KINDS.includes(report.kind))
  assert.ok(report.recipients.length <= reportLimits.recipients)
  if (report.form === 'none') assert.equal(report.kind, 'other', 'what is not understood is other')
  for (const recipient of report.recipients) {
    const { address, code, status, text } = recipient
    assert.ok(address === null || parseMailbox(address) !== null)
    assert.ok(code === null || (code >= 400 && code < 600))
    assert.ok(status === null || /^[245]\.\d{1,3}\.\d{1,3}$/.test(status))
    assert.ok(text.length <= reportLimits.diagnosticCharacters)
    const meant = classifyReported(recipient)
    if (meant === null) continue
    assert.ok(Object.hasOwn(failureClasses, meant.class))
    if (meant.action === 'suppress') assert.equal(meant.fault, 'recipient')
  }
}

describe('Whatever comes back', () => {
  it('is read without a throw, alike each time, and within its bounds', () => {
    const random = new SeededRandom(17)
    for (let round = 0; round < 3_000; round++) {
      const octets = madeUp(random)
      const report = readReport(octets)
      check(report)
      assert.deepEqual(readReport(octets), report, octets.toString('latin1'))
    }
  })

  it('is other where it is noise', () => {
    const random = new SeededRandom(18)
    for (let round = 0; round < 500; round++) {
      const { kind, recipients } = readReport(random.bytes(Math.floor(random.fraction() * 4_000)))
      assert.deepEqual([kind, recipients.length], ['other', 0])
    }
  })

  it('is read to its bound, and what comes behind that changes nothing', () => {
    const whole = Buffer.alloc(reportLimits.octets, 'could not be delivered to a@b.example\r\n')
    const more = Buffer.concat([whole, Buffer.from('\r\nFinal-Recipient: rfc822; c@d.example\r\n')])
    assert.deepEqual(readReport(more), readReport(whole))
  })
})

/** Mail of about so many octets that is made to cost more than its size. */
const bombs: Readonly<Record<string, (octets: number) => string>> = {
  'multiparts within each other': (octets) => {
    const levels = Math.floor(octets / 70)
    const open = Array.from(
      { length: levels },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    )
    return open.join('')
  },
  'one boundary that never ends a part': (octets) =>
    `Content-Type: multipart/report; boundary=b\r\n\r\n${'--b\r\n'.repeat(octets / 5)}`,
  'a boundary that nearly stands everywhere': (octets) =>
    `Content-Type: multipart/report; boundary=b\r\n\r\n${'--b-'.repeat(octets / 4)}`,
  'messages within each other': (octets) =>
    'Content-Type: message/rfc822\r\n\r\n'.repeat(octets / 32),
  'fields without an end': (octets) => `X: y\r\n${'X: y\r\n'.repeat(octets / 6)}`,
  'one field that is folded for ever': (octets) => `Subject: a\r\n${' a\r\n'.repeat(octets / 4)}`,
  'recipients by the thousand': (octets) =>
    `Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n${'Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n'.repeat(octets / 56)}--b--`,
  'addresses by the thousand': (octets) =>
    `From: MAILER-DAEMON@x\r\nSubject: failure notice\r\n\r\n${'<a@b.example>: 550 no such user\r\n'.repeat(octets / 33)}`,
  'brackets that nobody closes': (octets) =>
    `From: MAILER-DAEMON@x\r\nSubject: failure notice\r\n\r\n${'<a@'.repeat(octets / 3)}`,
  'tags that nobody closes': (octets) =>
    `From: MAILER-DAEMON@x\r\nSubject: failure notice\r\nContent-Type: text/html\r\n\r\n${'<p <!-- '.repeat(octets / 8)}`,
  'encoded words without an end': (octets) =>
    `Subject: ${'=?utf-8?q?=41'.repeat(octets / 13)}\r\n\r\nx`,
  'quoted-printable of nothing but signs': (octets) =>
    `From: MAILER-DAEMON@x\r\nSubject: failure notice\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${'='.repeat(octets)}`,
  'base64 of a bomb': (octets) =>
    `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${'Q29udGVudC1UeXBlOiBtZXNzYWdlL3JmYzgyMg0KDQo='.repeat(octets / 44)}`,
}

describe('Mail that is made to cost much', () => {
  for (const [name, make] of Object.entries(bombs))
    it(`costs by its size and no more, and is kept small: ${name}`, () => {
      using work = new BlockCoverage((url) => url.includes('/src/protocol/'))
      const cost = (octets: number) => {
        const mail = Buffer.from(make(octets), 'latin1')
        work.counted()
        const report = readReport(mail)
        check(report)
        assert.ok(JSON.stringify(report.recipients).length < 2 * reportLimits.octets)
        return work.counted()
      }
      cost(2_000)
      const small = cost(60_000)
      const large = cost(240_000)
      assert.ok(large <= 4.5 * small + 20_000, `${small} blocks for 60 KB, ${large} for 240 KB`)
    })
})
