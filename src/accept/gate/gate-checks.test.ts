// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleDomain, sampleKey } from '../../../test/support/sample-domains.ts'
import { instant, ms } from '../../base/brand.ts'
import { gateLimits } from '../../base/limits/gate-limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { HeaderFacts } from '../../content/header-facts.ts'
import type { GateCheck } from '../../events/gate-check.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import { parseHeaderSection } from '../../protocol/message/header-section.ts'
import type { Directory } from '../../records/directory.ts'
import { standingOf } from '../../records/domains/domain-standing.ts'
import type { SendingDomain, Slug, Stream } from '../../records/records.ts'
import { submissionGate } from './gate.ts'
import { GateNotice } from './gate-notice.ts'

const NOW = instant(Date.parse('2026-03-01T12:00:00Z'))
const shop = 'shop' as Slug
const own = { tenant: shop } as const
const well = { ...own, state: 'verified', stateReason: null, lacks: [] } as const
const good = sampleDomain('shop.example', well)

interface Mail {
  readonly kind?: Stream['kind']
  readonly gate?: Stream['gate']
  readonly domain?: SendingDomain
  readonly hasKeys?: boolean
  readonly others?: readonly SendingDomain[]
  readonly from?: readonly string[]
  readonly fields?: string
  readonly size?: number
}

const DATE = 'Date: Sun, 1 Mar 2026 13:00:00 +0100 (CET)\r\n'
const ID = 'Message-ID: <1@shop.example>\r\n'
const CLICK =
  'List-Unsubscribe: <mailto:u@shop.example>,\r\n <https://shop.example/u?1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n'

function verdictOn({
  kind = 'transactional',
  gate = 'reject',
  domain = good,
  hasKeys = true,
  others = [],
  from = ['shop.example'],
  fields = DATE + ID,
  size = 1_000,
}: Mail) {
  const all = new Map([domain, ...others].map((one) => [one.name, one]))
  const verified = [...all].filter(([, { state }]) => state === 'verified')
  const keys = hasKeys ? [sampleKey({ ...own, domain: domain.name })] : []
  const directory = {
    verifiedDomains: new Map(verified),
    domainsOf: () => all,
    standingOf: (one: SendingDomain) => standingOf(one, keys, all),
  } as unknown as Directory
  const section = parseHeaderSection(Buffer.from(fields))
  assert.equal(section.kind, 'section')
  const facts = {
    fromDomain: from[0],
    fromDomains: from,
    senderDomain: null,
  } as unknown as HeaderFacts
  return submissionGate(
    directory,
    { ...own, stream: null, usualStream: null, credential: null, isSandbox: false },
    {
      stream: { kind, gate, tenant: shop, name: 'news' as Slug } as Stream,
      facts,
      header: section.kind === 'section' ? section.fields : [],
      size,
      goesAt: NOW,
    },
  )
}

function failedOf(mail: Mail): readonly GateCheck[] {
  const verdict = verdictOn({ ...mail, gate: 'warn' })
  assert.equal(verdict.kind, 'passed')
  return (verdict.kind === 'passed' && verdict.warning?.failed) || []
}

const lacking = (...lacks: SendingDomain['lacks']) =>
  sampleDomain('shop.example', { ...well, lacks })
const elsewhere = (name: string) =>
  sampleDomain('shop.example', { ...well, returnPathDomain: name as Domain })

const cases: readonly (readonly [what: string, mail: Mail, failed: readonly GateCheck[]])[] = [
  ['a domain that has all', {}, []],
  ['a name below it', { from: ['eu.shop.example'] }, []],
  ['a domain that is pending', { domain: { ...good, state: 'pending' } }, ['domain']],
  ['a domain that is failing', { domain: { ...good, state: 'failing' } }, ['domain']],
  ['a domain without keys', { hasKeys: false }, ['dkim']],
  ['a domain whose key is not in the DNS', { domain: lacking('dkim') }, ['dkim']],
  ['a domain that lacks what no check asks for', { domain: lacking('dkim-next', 'tracking') }, []],
  [
    'authors of two domains',
    { from: ['shop.example', 'x.example'], others: [sampleDomain('x.example', well)] },
    ['dkim'],
  ],
  ['a return path without MX', { domain: lacking('return-path') }, ['return-path']],
  ['a return path without SPF', { domain: lacking('spf') }, ['return-path']],
  ['a return path elsewhere', { domain: elsewhere('bounce.mailer.example') }, ['return-path']],
  ['a return path that ends alike', { domain: elsewhere('my-shop.example') }, ['return-path']],
  [
    'a return path of the domain above, which is the tenant’s',
    {
      domain: sampleDomain('eu.shop.example', {
        ...well,
        returnPathDomain: 'bounce.shop.example' as Domain,
      }),
      others: [good],
      from: ['eu.shop.example'],
    },
    [],
  ],
  ['a domain without policy', { domain: lacking('dmarc') }, ['dmarc']],
  ['bulk with one click', { kind: 'bulk', fields: DATE + ID + CLICK }, []],
  ['bulk without it', { kind: 'bulk' }, ['one-click']],
  [
    'bulk whose click is a mail',
    {
      kind: 'bulk',
      fields: `${DATE}${ID}List-Unsubscribe: <mailto:u@shop.example>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`,
    },
    ['one-click'],
  ],
  [
    'bulk whose click is in clear text',
    { kind: 'bulk', fields: DATE + ID + CLICK.replace('https', 'http') },
    ['one-click'],
  ],
  [
    'bulk whose click has no word for it',
    { kind: 'bulk', fields: `${DATE}${ID}List-Unsubscribe: <https://shop.example/u>\r\n` },
    ['one-click'],
  ],
  ['a large message', { size: gateLimits.contentOctets + 1 }, ['size']],
  ['the largest', { size: gateLimits.contentOctets }, []],
  ['a date that is none', { fields: `Date: yesterday\r\n${ID}` }, ['header']],
  [
    'a date of two years ago',
    { fields: `Date: Sat, 2 Mar 2024 12:00:00 +0000\r\n${ID}` },
    ['header'],
  ],
  ['a date of next week', { fields: `Date: Sun, 8 Mar 2026 12:00:00 +0000\r\n${ID}` }, ['header']],
  ['an id without domain', { fields: `${DATE}Message-ID: <1>\r\n` }, ['header']],
  ['two ids in one', { fields: `${DATE}Message-ID: <1@x> <2@x>\r\n` }, ['header']],
  ['a line of 998 octets', { fields: `${DATE}${ID}X: ${'x'.repeat(995)}\r\n` }, []],
  ['a line of 999 octets', { fields: `${DATE}${ID}X: ${'x'.repeat(996)}\r\n` }, ['header']],
  [
    'a folded field that is longer',
    { fields: `${DATE}${ID}X: ${'x'.repeat(900)}\r\n ${'y'.repeat(900)}\r\n` },
    [],
  ],
  [
    'nothing of it at all',
    {
      domain: sampleDomain('shop.example', own),
      hasKeys: false,
      kind: 'bulk',
      size: 1e9,
      fields: ID,
    },
    ['domain', 'dkim', 'return-path', 'dmarc', 'one-click', 'size'],
  ],
]
for (const [what, mail, failed] of cases)
  test(`The gate says of ${what}: ${failed.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(failedOf(mail), failed)
    const rejected = verdictOn(mail)
    assert.equal(rejected.kind, failed.length === 0 ? 'passed' : 'refused')
    assert.equal(rejected.kind === 'refused' ? rejected.check : null, failed[0] ?? null)
    const off = verdictOn({ ...mail, gate: 'off' })
    assert.equal(off.kind === 'passed' && off.warning, null)
  })

test('A refusal is one line of 550 5.7.x that names the check, what to do, and what else failed', () => {
  const refused = verdictOn({ domain: lacking('dkim', 'dmarc') })
  assert.equal(refused.kind, 'refused')
  if (refused.kind !== 'refused') return
  assert.deepEqual(refused.reply, {
    code: 550,
    enhanced: '5.7.20',
    text: 'Gate check "dkim" failed: no key of shop.example signs for all of From: publish its DKIM records, and write from one domain (also: dmarc)',
  })
})

test('What another tenant has verified is refused at any setting', () => {
  const theirs = { ...good, tenant: 'rival' as Slug }
  for (const gate of ['off', 'warn', 'reject'] as const) {
    const refused = verdictOn({ gate, domain: theirs })
    assert.equal(refused.kind, 'refused', gate)
    assert.equal(refused.kind === 'refused' && refused.check, null)
  }
})

test('Warnings are told at once, and then as a number once an hour', () => {
  const clock = new ManualClock()
  const told: string[] = []
  const notice = new GateNotice(clock, (text, tenant) => told.push(`${tenant}: ${text}`))
  const stream = { tenant: shop, name: 'news' as Slug } as Stream
  for (let count = 0; count < 5; count++) notice.tell(stream, good, ['dmarc'])
  notice.tell(stream, good, ['domain'])
  assert.equal(told.length, 2)
  clock.advance(ms(gateLimits.noticePauseMs))
  notice.tell(stream, good, ['dmarc'])
  assert.equal(told.length, 3)
  assert.match(
    told[2] ?? '',
    /^shop: a message of stream news from shop\.example and 4 before would not pass .* by dmarc: .* policy/,
  )
})

test('However many domains warn, so many are remembered', () => {
  let told = 0
  const notice = new GateNotice(new ManualClock(), () => told++)
  const stream = { tenant: shop, name: 'news' as Slug } as Stream
  const warn = (at: number) => notice.tell(stream, sampleDomain(`d${at}.example`), ['dmarc'])
  for (let at = 0; at <= gateLimits.notices; at++) warn(at)
  warn(gateLimits.notices)
  assert.equal(told, gateLimits.notices + 1)
  warn(0)
  assert.equal(told, gateLimits.notices + 2)
})
