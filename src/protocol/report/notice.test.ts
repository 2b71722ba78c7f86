// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { daemon, readLines, summaryOf } from '../../../test/support/report-lines.ts'

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
    it(`${what} is understood`, () =>
      assert.equal(summaryOf(readLines(daemon, ...lines)), expected))
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
    it(`is ${what}`, () => assert.equal(readLines('From: jane@example.net', ...lines).kind, kind))
})
