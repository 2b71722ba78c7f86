// SPDX-License-Identifier: Apache-2.0
/** Texts of real receivers (shaping-facts), and what each complains of. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classify } from './classify.ts'
import { complaintOf } from './complaint.ts'

const cases: readonly (readonly [string, string | null])[] = [
  [
    '421 4.7.28 [192.0.2.1] Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited. Please visit https://support.google.com/mail/?p=UnsolicitedRateLimitError to review our Bulk Email Senders Guidelines. - gsmtp',
    'messageRate of path',
  ],
  [
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 192.0.2.1; see https://postmaster.yahooinc.com/error-codes',
    'messageRate of path',
  ],
  [
    '421 4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the very low reputation of the sending domain. To best protect our users from spam, the message has been blocked.',
    'messageRate of tenant',
  ],
  [
    '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain [shop.example]. To protect our users from spam, mail sent from your domain has been temporarily rate limited.',
    'messageRate of tenant',
  ],
  [
    '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your SPF domain [shop.example]. To protect our users from spam, mail sent from your domain has been temporarily rate limited.',
    'messageRate of tenant',
  ],
  [
    '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail containing one of your URL domains. To protect our users from spam, mail with the URL has been temporarily rate limited.',
    'messageRate of campaign',
  ],
  [
    '421 4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the nature of the content and/or the links within. To best protect our users from spam, the message has been blocked.',
    'messageRate of campaign',
  ],
  ['550 Sender frequency limited', 'messageRate of tenant'],
  ['550 Domain frequency limited', 'messageRate of tenant'],
  ['550 Ip frequency limited', 'messageRate of path'],
  ['421 4.7.0 Too many connections', 'connections of path'],
  [
    '421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration',
    'connections of path',
  ],
  [
    '421 RP-003 The mail server 192.0.2.1 has exceeded the maximum number of connections.',
    'connections of path',
  ],
  [
    '421 The mail server 192.0.2.1 has exceeded maximum number of messages per connection.',
    'messagesPerConnection of path',
  ],
  [
    '421 Max message per connection reached, closing transmission channel',
    'messagesPerConnection of path',
  ],
  [
    '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.',
    'messageRate of path',
  ],
  ['421 4.7.0 [HCM1] Your mail from 192.0.2.1 was deferred', 'messageRate of path'],
  [
    '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)',
    'messageRate of path',
  ],
  // Of one mailbox, of the receiver itself, of nobody: less mail mends nothing.
  [
    '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.',
    null,
  ],
  ['452 4.2.2 The email account that you tried to reach is over quota', null],
  ['421 4.3.2 Service shutting down', null],
  ['450 4.7.1 Greylisted, please come back in 00:05:00', null],
  ['550 5.1.1 No such user', null],
]

describe('A throttling reply', () => {
  for (const [text, expected] of cases)
    it(`complains of ${expected ?? 'nothing'}: ${text.slice(0, 60)}`, () => {
      const [, code, enhanced] = /^(\d{3}) (?:(\d\.\d+\.\d+) )?/.exec(text) ?? []
      const meant = classify({
        code: Number(code),
        enhanced: enhanced ?? null,
        text: text.replace(/^\d{3} (?:\d\.\d+\.\d+ )?/, ''),
        provider: null,
        stage: 'mail',
      })
      const complaint = complaintOf(meant, text)
      assert.equal(complaint && `${complaint.of} of ${complaint.whom}`, expected, meant.rule)
    })
})
