// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readReport } from './read-report.ts'
import type { ReadReport } from './report-facts.ts'

function read(...lines: readonly string[]): ReadReport {
  return readReport(Buffer.from(lines.join('\r\n')))
}

function summary({ kind, recipients }: ReadReport): string {
  const each = recipients.map(({ address, action, status, code }) =>
    [address, action, status, code].join(' '),
  )
  return [kind, ...each].join(' | ')
}

const daemon = 'From: Mail Delivery System <MAILER-DAEMON@mx.example>'

function statusReport(...fields: readonly string[]): ReadReport {
  return read(
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
      summary(report),
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
    it(`is read ${what}`, () => assert.equal(summary(statusReport(...fields)), expected))

  it('is found within a forward, and behind quote marks', () => {
    const inner = [
      daemon,
      'Content-Type: message/delivery-status',
      '',
      'Final-Recipient: rfc822; a@b.example',
      'Action: failed',
    ]
    const nested = read(
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
    assert.equal(summary(nested), 'bounce | a@b.example failed  ')
    const quoted = read(
      'From: Jo <jo@example.org>',
      'Subject: Fwd: Returned mail',
      '',
      '> Final-Recipient: rfc822; a@b.example',
      '> Action: failed',
    )
    assert.equal(summary(quoted), 'bounce | a@b.example failed  ')
  })
})

describe('A report in words alone', () => {
  for (const [what, lines, expected] of [
    [
      'of qmail',
      [
        'Subject: failure notice',
        '',
        'Hi. This is the qmail-send program at mx.example.',
        "I'm afraid I wasn't able to deliver your message to the following addresses.",
        '',
        '<jane@example.net>:',
        '192.0.2.7 does not like recipient.',
        'Remote host said: 550 5.1.1 unknown user',
        '',
        '--- Below this line is a copy of the message.',
        '',
        'Return-Path: <list@shop.example>',
        'To: other@example.net',
      ],
      'bounce | jane@example.net failed 5.1.1 550',
    ],
    [
      'of Exim, with its own field',
      [
        'X-Failed-Recipients: a@b.example, c@d.example',
        'Subject: Mail delivery failed: returning message to sender',
        '',
        'A message that you sent could not be delivered. The following addresses failed:',
        '',
        '  a@b.example',
        '    Unrouteable address',
        '  c@d.example',
        '    550 Mailbox is full',
      ],
      'bounce | a@b.example failed   | c@d.example failed  550',
    ],
    [
      'of Exchange',
      [
        'Subject: Undeliverable: News',
        '',
        'Your message',
        '',
        '  To:      list@shop.example',
        '  Subject: News',
        '',
        'did not reach the following recipient(s):',
        '',
        'jane@example.net on Fri, 4 Oct 2002 17:12:28 -0400',
        '    The recipient name is not recognized',
      ],
      'bounce | jane@example.net failed  ',
    ],
    [
      'in Japanese without a charset',
      [
        'Subject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=',
        'Return-Path: <>',
        '',
        '<jane@example.net>',
        '\x1b$B$"$FL$@hITL@\x1b(B (User unknown)',
      ],
      'bounce | jane@example.net failed  ',
    ],
    [
      'in HTML',
      [
        'Subject: Undeliverable mail',
        'Content-Type: text/html; charset=utf-8',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        '<style>p { x: y }</style><p>Could not deliver to:<br>&lt;jane@exam=',
        'ple.net&gt;<br>550 5.7.1 Blocked</p>',
      ],
      'bounce | jane@example.net failed 5.7.1 550',
    ],
    [
      'that names nobody, of a mail to one mailbox',
      [
        'Subject: Undelivered mail',
        '',
        'Your message could not be delivered.',
        '',
        '----- Original message follows -----',
        '',
        'From: shop@shop.example',
        'To: Jane <jane@example.net>',
      ],
      'bounce | jane@example.net failed  ',
    ],
    [
      'of a delay',
      [
        'Subject: Warning: message delayed 24 hours',
        '',
        'Your message has not yet been delivered to:',
        '',
        '  jane@example.net',
        '',
        'Delivery attempts will continue. Eventually we will give up.',
      ],
      'delayed | jane@example.net delayed  ',
    ],
  ] as const)
    it(`${what} is understood`, () => assert.equal(summary(read(daemon, ...lines)), expected))
})

describe('What is no bounce', () => {
  for (const [what, lines, kind] of [
    [
      'a vacation that says that somebody could not be reached',
      ['Subject: Automatic reply: News', '', 'I cannot be reached at jane@example.net.'],
      'auto-reply',
    ],
    [
      'an automatic receipt',
      ['Subject: We got your mail', 'Auto-Submitted: auto-replied', '', 'Ticket 7.'],
      'auto-reply',
    ],
    [
      'a person who asks about a failed delivery',
      [
        'Subject: Re: Your delivery failed',
        'References: <a@b>',
        '',
        'It could not be delivered to jane@example.net? My parcel!',
      ],
      'other',
    ],
    ['a person', ['Subject: Hello', '', 'My new address is jane@example.org.'], 'other'],
    ['a wish to get no more', ['Subject: unsubscribe', '', ''], 'unsubscribe'],
  ] as const)
    it(`is ${what}`, () => assert.equal(read('From: jane@example.net', ...lines).kind, kind))
})

describe('A feedback report', () => {
  const feedback = (...fields: readonly string[]) =>
    read(
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
    const report = read(
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
    assert.equal(summary(report), 'complaint | jane@example.net delivered  ')
  })
})

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
    assert.equal(read(nested).kind, 'other')
    const flood = 'Final-Recipient: rfc822; a@b.example\nAction: failed\n\n'.repeat(20_000)
    const report = read(`Content-Type: message/delivery-status\n\n${flood}`)
    assert.equal(report.recipients.length, 1_000)
  })
})
