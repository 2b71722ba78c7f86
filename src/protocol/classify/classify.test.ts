// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Classification, Refusal } from './classifier.ts'
import { classify } from './classify.ts'
import { classifyReported } from './classify-reported.ts'
import type { FailureClass } from './failure-class.ts'
import { failureClasses } from './failure-class.ts'
import { replyInText } from './reply-in-text.ts'
import type { Stage } from './rule.ts'

function said(text: string, over: Partial<Refusal> = {}): Classification {
  return classify({ ...replyInText(text), ...over })
}

describe('what decides', () => {
  it("is a provider's own code before the enhanced code that stands beside it", () => {
    const { class: name, rule } = said('550 5.1.1 <a@example.com> - too many recipients. IB607')
    assert.deepEqual([name, rule], ['throttled', 'provider godaddy-rate'])
  })

  it('is an enhanced code that says enough, before words that say something else', () => {
    const { class: name, rule } = said('550 5.2.2 User unknown')
    assert.deepEqual([name, rule], ['mailbox-full', 'code 5.2.2'])
  })

  it('are the words where the enhanced code is one that servers give for anything', () => {
    const { class: name, rule } = said('550 5.7.1 Unknown user: somebody')
    assert.deepEqual([name, rule], ['no-such-mailbox', 'words no-such-mailbox'])
  })

  it('are words of policy against a code that would suppress', () => {
    const { class: name, action } = said('550 5.1.1 Your address 192.0.2.1 is on our blacklist')
    assert.deepEqual([name, action], ['listed-source', 'stop-source'])
  })

  it('is an enhanced code that hints, where no words are known', () => {
    assert.equal(said('550 5.7.1 Symptom 12').rule, 'code 5.7.1')
  })

  const byStage: readonly (readonly [Stage, FailureClass])[] = [
    ['connect', 'source-refused'],
    ['ehlo', 'source-refused'],
    ['mail', 'sender-refused'],
    ['rcpt', 'recipient-refused'],
    ['content', 'policy'],
  ]
  for (const [stage, expected] of byStage)
    it(`is the stage, ${stage}, where nothing was said`, () => {
      const { class: name, rule } = said('550 Sorry', { stage })
      assert.deepEqual([name, rule], [expected, `reply 550 at ${stage}`])
    })
})

describe('before RCPT', () => {
  it('words that would suppress are about the sender or the source', () => {
    const classAt = (stage: Stage) => said('550 5.1.2 That domain does not exist', { stage }).class
    assert.equal(classAt('connect'), 'source-refused')
    assert.equal(classAt('mail'), 'sender-refused')
    assert.equal(classAt('rcpt'), 'no-such-domain')
  })
})

describe('a report', () => {
  const failed = { action: 'failed', status: '5.0.0', code: null, remoteMta: null } as const

  it('is read by the words that it quotes, and by its fields where these say nothing', () => {
    const quoted = classifyReported({
      ...failed,
      text: 'mx.example[192.0.2.1] said: 552 5.2.2 Full',
    })
    assert.equal(quoted?.class, 'mailbox-full')
    const bare = classifyReported({ ...failed, status: '5.1.1', text: '' })
    assert.deepEqual([bare?.class, bare?.action], ['no-such-mailbox', 'suppress'])
  })

  it('of a delay waits, whatever it is about', () => {
    const delayed = classifyReported({ ...failed, action: 'delayed', status: '4.2.1', text: '' })
    assert.deepEqual([delayed?.class, delayed?.action], ['mailbox-disabled', 'retry'])
  })

  it('of a delivery means nothing', () => {
    assert.equal(classifyReported({ ...failed, action: 'delivered', text: '' }), null)
  })
})

describe('whether it is final', () => {
  it('a 5yz that is temporary in truth is not', () => {
    const { isPermanent, action } = said('550 5.2.2 Mailbox full')
    assert.deepEqual([isPermanent, action], [false, 'retry'])
  })

  it('a 4yz about the recipient waits, and says whose fault it is', () => {
    const { isPermanent, action, fault } = said('450 4.1.1 User unknown in virtual alias table')
    assert.deepEqual([isPermanent, action, fault], [false, 'retry', 'recipient'])
  })

  it('a mailbox that is not there is, and suppresses', () => {
    const { isPermanent, action } = said('550 5.1.1 No such user')
    assert.deepEqual([isPermanent, action], [true, 'suppress'])
  })
})

describe('words', () => {
  it('in an address say nothing', () => {
    assert.equal(said('550 5.1.1 <spam@blacklist.dnsbl.example>: refused').class, 'no-such-mailbox')
  })

  it("after RFC 5321's name of a code say more than it", () => {
    const preface = '550 Requested action not taken: mailbox unavailable'
    assert.equal(said(preface).class, 'no-such-mailbox')
    assert.equal(said(`${preface} Reject due to policy restrictions`).class, 'policy')
    assert.equal(said(`${preface} Your IP is on our blacklist`).class, 'listed-source')
  })

  it("about names of the sender's side suppress nobody", () => {
    const replies = [
      '550 <mail.shop.example>: Helo command rejected: Host not found',
      '550 Domain may not exist or DNS check failed',
      '550 Unrouteable address: all relevant MX records point to non-existent hosts',
    ]
    for (const reply of replies) assert.notEqual(said(reply).action, 'suppress', reply)
  })

  it('in a longer word say nothing', () => {
    assert.equal(said('550 Antispamming engine at lunch').class, 'unknown')
  })

  const languages = [
    'Boîte aux lettres pleine',
    'Das Postfach ist voll',
    'El buzón está lleno',
    'Caixa de correio cheia',
    'Casella piena',
    'Почтовый ящик переполнен',
    'Skrzynka odbiorcy jest przepełniona',
    'メールボックスがいっぱいです',
    '收件人邮箱已满',
  ]
  for (const text of languages)
    it(`are known without regard to case and accents: ${text}`, () => {
      assert.equal(said(`552 ${text.toUpperCase()}`).class, 'mailbox-full')
    })
})

describe('any text', () => {
  it('gets an answer whose parts agree with the table of classes', () => {
    const stage = fc.constantFrom<Stage | null>('connect', 'ehlo', 'mail', 'rcpt', 'content', null)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), stage, (text, at) => {
        const { class: name, isPermanent, action, fault } = said(text, { stage: at })
        const facts = failureClasses[name]
        assert.equal(fault, facts.fault)
        assert.equal(action, isPermanent ? facts.whenFinal : facts.whenTransient)
      }),
    )
  })

  it('suppresses only for a fault of the recipient', () => {
    for (const [name, { fault, whenFinal, whenTransient }] of Object.entries(failureClasses)) {
      const isSuppressing = [whenFinal, whenTransient].some((action) => action === 'suppress')
      assert.ok(!isSuppressing || fault === 'recipient', name)
    }
  })

  it('of any length is read to a bound', () => {
    assert.equal(said(`${'x'.repeat(5_000)} mailbox full`).class, 'unknown')
  })
})
