// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  clock,
  later,
  mailboxOf,
  newId,
  sealer,
  tokenOf,
  unknownSender,
} from '../../test/support/feedback-samples.ts'
import { LooseFields } from '../protocol/message/loose-fields.ts'
import type { ReadReport, ReportKind } from '../protocol/report/report-facts.ts'
import type { GoodToken } from './evidence.ts'
import type { InboundAddress, InboundRole } from './inbound-addresses.ts'
import { judge } from './judgement.ts'

function goodToken(): GoodToken {
  const opened = sealer.open(tokenOf(newId()), clock.now())
  assert.ok(opened.kind === 'token')
  return opened
}

function reportOf(kind: ReportKind, form: ReadReport['form']): ReadReport {
  return {
    kind,
    form,
    recipients: [],
    feedbackType: form === 'feedback-report' ? 'abuse' : null,
    reportingMta: null,
    returned: new LooseFields(),
  }
}

const mailbox = mailboxOf('x@shop.example')

function judged(
  to: InboundRole | GoodToken,
  report: ReadReport,
  evidence: 'token' | 'id' | null,
  isForged = false,
): string {
  const address: InboundAddress =
    typeof to === 'string'
      ? { kind: 'role', mailbox, role: to }
      : { kind: 'token', mailbox, token: to }
  const { finding, isForPerson } = judge(address, {
    report,
    token: evidence === 'token' ? { ...goodToken(), domain: 'bounce.shop.example' } : null,
    ids: evidence === 'id' ? [newId()] : [],
    authentication: unknownSender,
    isForged,
    tenantOf: () => null,
    peer: '192.0.2.1',
    size: 1,
  })
  const { what, fate, certainty } = finding
  return `${what === 'noted' ? fate : what} ${certainty ?? 'unknown'}${isForPerson ? ' to a person' : ''}`
}

describe('Mail to a return path', () => {
  for (const [kind, form, expected] of [
    ['bounce', 'delivery-status', 'bounced proven'],
    ['bounce', 'text', 'bounced proven'],
    ['delayed', 'text', 'noted proven'],
    ['auto-reply', 'text', 'noted proven'],
    ['complaint', 'feedback-report', 'complained proven'],
    ['unsubscribe', 'text', 'unsubscribed proven'],
    ['other', 'delivery-status', 'noted proven'],
    ['other', 'none', 'forwarded proven to a person'],
  ] as const)
    it(`that is ${kind} by ${form} is ${expected}`, () =>
      assert.equal(judged(goodToken(), reportOf(kind, form), null), expected))

  it('whose token has expired is counted, but for what a person wrote', () => {
    const token = goodToken()
    const expired = { ...token, isExpired: true }
    assert.equal(judged(expired, reportOf('bounce', 'text'), null), 'expired proven')
    assert.match(judged(expired, reportOf('other', 'none'), null), /to a person$/)
  })

  it('is that of its token for thirty days', () => {
    const text = tokenOf(newId())
    later(31)
    const opened = sealer.open(text, clock.now())
    assert.ok(opened.kind === 'token' && opened.isExpired)
  })
})

describe('A complaint that is forged', () => {
  it('is counted and does nothing, wherever it comes to and whatever proves its message', () => {
    const complaint = reportOf('complaint', 'feedback-report')
    assert.equal(judged(goodToken(), complaint, null, true), 'forged proven')
    assert.equal(judged('fbl', complaint, 'token', true), 'forged proven')
    assert.equal(judged('abuse', complaint, null, true), 'forged unknown')
  })
})

describe('Mail to a name', () => {
  for (const [role, kind, form, evidence, expected] of [
    ['fbl', 'complaint', 'feedback-report', 'token', 'complained proven'],
    ['fbl', 'complaint', 'feedback-report', 'id', 'complained likely'],
    ['fbl', 'complaint', 'feedback-report', null, 'unmatched unknown'],
    ['fbl', 'other', 'feedback-report', 'token', 'noted proven'],
    ['fbl', 'other', 'none', null, 'forwarded unknown to a person'],
    ['abuse', 'complaint', 'feedback-report', 'token', 'complained proven'],
    ['abuse', 'other', 'none', 'token', 'forwarded proven to a person'],
    ['postmaster', 'bounce', 'delivery-status', null, 'forwarded unknown to a person'],
    ['postmaster', 'auto-reply', 'text', null, 'unmatched unknown'],
    ['unsubscribe', 'other', 'none', 'token', 'unsubscribed proven'],
    ['unsubscribe', 'unsubscribe', 'text', 'token', 'unsubscribed proven'],
    ['unsubscribe', 'unsubscribe', 'text', null, 'forwarded unknown to a person'],
    ['unsubscribe', 'auto-reply', 'text', 'token', 'noted proven'],
  ] as const)
    it(`${role}@ that is ${kind} by ${form} with ${evidence ?? 'nothing'} to prove it is ${expected}`, () =>
      assert.equal(judged(role, reportOf(kind, form), evidence), expected))
})
