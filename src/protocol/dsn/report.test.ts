// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { contentLimits } from '../../base/limits/limits.ts'
import type { Recipient } from '../envelope.ts'
import { type Mailbox, parseMailbox } from '../mailbox.ts'
import { findHeaderEnd, parseHeaderSection } from '../message/header-section.ts'
import { reply } from '../reply.ts'
import { writeReport } from './report.ts'
import type { Fate, Report, ReportedRecipient } from './report-facts.ts'

const original = Buffer.from(
  'From: shop@example.com\r\nMessage-ID: <one@example.com>\r\nSubject: Receipt\r\n\r\nThank you.\r\n',
)

describe('A report', () => {
  it('says what a person and what a program needs to know', () => {
    const { content, body, smtputf8 } = writeReport(report({}))
    const text = content.toString()
    assert.equal(body, '7BIT')
    assert.equal(smtputf8, false)
    for (const line of [
      'From: Mail Delivery System <postmaster@relay.example>',
      'To: <shop@example.com>',
      'Auto-Submitted: auto-replied',
      'In-Reply-To: <one@example.com>',
      'Content-Type: message/delivery-status',
      'Reporting-MTA: dns; relay.example',
      'Original-Envelope-Id: order 7',
      'Arrival-Date: Mon, 01 Jun 2026 12:00:00 +0000',
      'Original-Recipient: rfc822;jane@example.net',
      'Final-Recipient: rfc822; jane@example.net',
      'Action: failed',
      'Status: 5.1.1',
      'Remote-MTA: dns; mx.example.net',
      'Diagnostic-Code: smtp; 550 5.1.1 No such user',
      'Content-Type: text/rfc822-headers',
      '    The host mx.example.net said: 550 5.1.1 No such user',
    ])
      assert.ok(text.includes(`\r\n${line}\r\n`) || text.startsWith(`${line}\r\n`), line)
    assert.ok(!text.includes('Thank you.'))
    assert.ok(!/[^\r]\n|\r[^\n]/.test(text))
  })

  it('repeats the later release that was asked for', () => {
    const release = { at: instant(0), asked: 'for;3600' }
    const envelope = { envid: null, ret: null, smtputf8: false, release }
    const text = writeReport(report({ envelope })).content.toString()
    assert.match(text, /^Arrival-Date: [^\r]*\r\nFuture-Release-Request: for;3600\r$/m)
  })

  it('returns the whole original where RET=FULL asks for it and it is small and complete', () => {
    const full = { envid: null, ret: 'FULL', smtputf8: false } as const
    const whole = writeReport(report({ envelope: full })).content.toString()
    assert.ok(whole.includes('Content-Type: message/rfc822\r\n'))
    assert.ok(whole.includes(original.toString()))
    const large = Buffer.concat([original, Buffer.alloc(contentLimits.returnedOctets, 'x')])
    for (const octets of [large, original]) {
      const cut = { octets, isComplete: octets === large }
      const text = writeReport(report({ envelope: full, original: cut })).content.toString()
      assert.ok(text.includes('Content-Type: text/rfc822-headers\r\n'))
      assert.ok(!text.includes('Thank you.'))
    }
  })

  it('gives 4.4.7 where the message got too old, also without any reply', () => {
    const text = textOf([{ fate: { kind: 'expired' }, reply: null, remoteMta: null }])
    assert.match(text, /^Status: 4\.4\.7\r$/m)
    assert.doesNotMatch(text, /^(Remote-MTA|Diagnostic-Code)/m)
    assert.match(text, /^ {4}It was never answered\.\r$/m)
  })

  it('says until when a delayed recipient is tried, and returns the header section alone', () => {
    const retriesUntil = instant(Date.UTC(2026, 5, 4, 12))
    const text = textOf(
      [{ fate: { kind: 'delayed', retriesUntil }, reply: reply(451, '4.7.1', 'Greylisted') }],
      { envelope: { envid: null, ret: 'FULL', smtputf8: false } },
    )
    for (const line of [
      'Subject: Your message is delayed',
      'Action: delayed',
      'Status: 4.7.1',
      'Last-Attempt-Date: Mon, 01 Jun 2026 13:00:00 +0000',
      'Will-Retry-Until: Thu, 04 Jun 2026 12:00:00 +0000',
      'Content-Type: text/rfc822-headers',
    ])
      assert.ok(text.includes(`\r\n${line}\r\n`), line)
    assert.ok(!text.includes('Thank you.'))
  })

  it('says that a recipient was passed on, in the words of the host that took it', () => {
    const text = textOf([{ fate: { kind: 'relayed' }, reply: reply(250, '2.6.0', 'Queued as 7') }])
    for (const line of [
      'Subject: Your message was passed on',
      'Action: relayed',
      'Status: 2.6.0',
      'Diagnostic-Code: smtp; 250 2.6.0 Queued as 7',
    ])
      assert.ok(text.includes(`\r\n${line}\r\n`), line)
    assert.doesNotMatch(text, /Will-Retry-Until/)
  })

  it('tells of several fates at once, the worst one first', () => {
    const text = textOf([{ fate: { kind: 'relayed' } }, { fate: { kind: 'bounced' } }])
    assert.match(text, /^Subject: Your message could not be delivered\r$/m)
    assert.ok(text.indexOf('could not be delivered to') < text.indexOf('was passed on to'))
    assert.deepEqual(text.match(/^Action: .*(?=\r$)/gm), ['Action: relayed', 'Action: failed'])
  })

  it('never gives a status of another class than the action', () => {
    const codes = ['2.0.0', '4.2.2', '5.1.1', '9.9.9', 'x', null]
    const statuses = (fate: Fate) =>
      codes.map((enhanced) => {
        const text = textOf([{ fate, reply: reply(550, enhanced, 'x') }])
        return /^Status: (.*)\r$/m.exec(text)?.[1]
      })
    const delayed = { kind: 'delayed', retriesUntil: instant(0) } as const
    assert.deepEqual(statuses(delayed), ['4.0.0', '4.2.2', '4.0.0', '4.0.0', '4.0.0', '4.0.0'])
    assert.deepEqual(statuses({ kind: 'relayed' }), ['2.0.0', ...Array(5).fill('2.0.0')])
    const bounced = ['5.0.0', '4.2.2', '5.1.1', '5.0.0', '5.0.0', '5.0.0']
    assert.deepEqual(statuses({ kind: 'bounced' }), bounced)
  })

  it('does not put our own words into the mouth of a receiver', () => {
    const ours = { reply: reply(550, '5.1.2', 'No such domain'), said: 'us' } as const
    const text = textOf([{ ...ours, remoteMta: null }])
    assert.match(text, /^Diagnostic-Code: X-Posthaste; 550 5\.1\.2 No such domain\r$/m)
    assert.doesNotMatch(text, /^Remote-MTA/m)
    const about = textOf([ours])
    assert.match(about, /^Remote-MTA: dns; mx\.example\.net\r\nDiagnostic-Code: X-Posthaste; 550/m)
    assert.match(about, /^ {4}This mail system said: 550 5\.1\.2/m)
  })

  it('quotes an international ORCPT as it means, and in US-ASCII as it stands on the wire', () => {
    const originalRecipient = 'utf-8;jos\\x{E9}@example.net'
    for (const [to, quoted] of [
      ['josé@example.net', 'utf-8;josé@example.net'],
      ['jose@example.net', originalRecipient],
    ] as const) {
      const text = textOf([{ recipient: { ...recipient(to), originalRecipient } }])
      assert.ok(text.includes(`\r\nOriginal-Recipient: ${quoted}\r\n`), text)
    }
  })

  it('lets no hostile reply, ENVID or ORCPT write a line', () => {
    const [failure] = report({}).recipients
    assert.ok(failure)
    const hostile = `x\r\nStatus: 2.0.0\n\n--=_id\r${'y'.repeat(3_000)}\0\u{1f600}`
    const text = writeReport(
      report({
        envelope: { envid: hostile, ret: null, smtputf8: false },
        recipients: [
          {
            ...failure,
            recipient: { ...failure.recipient, originalRecipient: 'rfc822;a+0D+0AStatus: 2.0.0' },
            reply: reply(550, '5.1.1\r\nStatus: 2.0.0', hostile),
            remoteMta: 'mx\r\nStatus: 2.0.0',
          },
        ],
      }),
    ).content.toString('latin1')
    assert.deepEqual(text.match(/^Status:.*$/gm), ['Status: 5.0.0'])
    for (const line of text.split('\r\n'))
      assert.ok(line.length <= 200 && /^[\x20-\x7e\t]*$/.test(line))
  })

  it('has a boundary that the original does not hold', () => {
    const octets = Buffer.concat([original, Buffer.from('--=_id\r\n--=_id_1--\r\n')])
    const full = { envid: null, ret: 'FULL', smtputf8: false } as const
    const { content } = writeReport(
      report({ envelope: full, original: { octets, isComplete: true } }),
    )
    assert.match(content.toString(), /boundary="=_id_2"/)
  })

  it('is 8BITMIME where the original is, and SMTPUTF8 where an address is', () => {
    const octets = Buffer.from('From: a@b.example\r\nSubject: caf\xe9\r\n\r\n', 'latin1')
    const eight = writeReport(report({ original: { octets, isComplete: true } }))
    assert.deepEqual([eight.body, eight.smtputf8], ['8BITMIME', false])
    assert.ok(eight.content.includes(octets.subarray(0, -2)))
    const [failure] = report({}).recipients
    assert.ok(failure)
    const recipients = [{ ...failure, recipient: recipient('josé@example.net') }]
    const utf8 = writeReport(report({ recipients }))
    assert.deepEqual([utf8.body, utf8.smtputf8], ['8BITMIME', true])
    const text = utf8.content.toString()
    assert.ok(text.includes('Content-Type: message/global-delivery-status\r\n'))
    assert.ok(text.includes('Content-Type: message/global-headers\r\n'))
    assert.ok(text.includes('Final-Recipient: utf-8; josé@example.net\r\n'))
  })

  it('has a header section that reads well', () => {
    const { content } = writeReport(report({}))
    const section = parseHeaderSection(content, findHeaderEnd(content))
    assert.ok(section.kind === 'section')
    assert.equal(section.fields.filter(({ name }) => name === 'from').length, 1)
  })
})

/** Of recipients that differ so from the usual one. */
function textOf(
  changes: readonly Partial<ReportedRecipient>[],
  others: Partial<Report> = {},
): string {
  const [usual] = report({}).recipients
  assert.ok(usual)
  const recipients = changes.map((change) => ({ ...usual, ...change }))
  return writeReport(report({ ...others, recipients })).content.toString()
}

function report(changes: Partial<Report>): Report {
  return {
    hostname: 'relay.example',
    from: 'postmaster@relay.example',
    now: instant(Date.UTC(2026, 5, 2)),
    arrivedAt: instant(Date.UTC(2026, 5, 1, 12)),
    messageId: 'id',
    reversePath: mailbox('shop@example.com'),
    envelope: { envid: 'order 7', ret: null, smtputf8: false },
    recipients: [
      {
        recipient: {
          ...recipient('jane@example.net'),
          originalRecipient: 'rfc822;jane+40example.net',
        },
        reply: reply(550, '5.1.1', 'No such user'),
        said: 'peer',
        remoteMta: 'mx.example.net',
        fate: { kind: 'bounced' },
        lastAttemptAt: instant(Date.UTC(2026, 5, 1, 13)),
      },
    ],
    original: { octets: original, isComplete: true },
    ...changes,
  }
}

function recipient(text: string): Recipient {
  return { forwardPath: mailbox(text), notify: null, originalRecipient: null }
}

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  assert.ok(parsed)
  return parsed
}
