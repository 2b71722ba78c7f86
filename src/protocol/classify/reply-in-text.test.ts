// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { replyInText } from './reply-in-text.ts'

describe('the reply in the words of', () => {
  const cases = {
    'a log: the line itself': ['550-5.1.1 No such user', 550, '5.1.1', null, null],
    Postfix: [
      'host alt1.gmail-smtp-in.l.google.com[192.0.2.1] said: 452 4.2.2 Full (in reply to RCPT TO command)',
      452,
      '4.2.2',
      'rcpt',
      'google',
    ],
    'Postfix at the greeting': [
      'host mx.example.net[192.0.2.1] refused to talk to me: 554 Go away, please',
      554,
      null,
      'connect',
      null,
    ],
    Exim: [
      'SMTP error from remote mail server after MAIL FROM:<a@example.com> SIZE=554: host mx.example.net [192.0.2.1]: 550 5.7.0 No',
      550,
      '5.7.0',
      'mail',
      null,
    ],
    qmail: [
      'Connected to 192.0.2.1 but my name was rejected. Remote host said: 501 Bad name, go on',
      501,
      null,
      'ehlo',
      null,
    ],
    Exchange: ['#550 5.2.3 RESOLVER.RST.RecipSizeLimit ##', 550, '5.2.3', null, null],
    DragonFly: [
      'mx.example.net [192.0.2.1] did not like our RCPT TO:550 5.6.0 <a@example.com>: No',
      550,
      '5.6.0',
      'rcpt',
      null,
    ],
  } as const
  for (const [who, [text, code, enhanced, stage, provider]] of Object.entries(cases))
    it(who, () => {
      const read = replyInText(text)
      assert.deepEqual(
        [read.code, read.enhanced, read.stage, read.provider],
        [code, enhanced, stage, provider],
      )
    })

  it('nobody is read without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { code } = replyInText(text)
        assert.ok(code === null || (code >= 400 && code < 600))
      }),
    )
  })
})
