// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../base/brand.ts'
import type { HeaderFacts } from '../content/header-facts.ts'
import type { Domain } from '../protocol/mailbox.ts'
import type { Directory } from '../records/directory.ts'
import type { SendingDomain, Slug } from '../records/records.ts'
import { type Gate, ownGate, submissionGate } from './gate.ts'

const shop = 'shop' as Slug
const rival = 'rival' as Slug

function set(name: string, tenant: Slug): [Domain, SendingDomain] {
  const returnPathDomain = `bounce.${name}` as Domain
  return [name as Domain, { tenant, name: name as Domain, returnPathDomain, createdAt: instant(0) }]
}

const directory = {
  domains: new Map([
    set('shop.example', shop),
    set('eu.shop.example', shop),
    set('rival.example', rival),
    set('lent.shop.example', rival),
  ]),
} as unknown as Directory

function verdict(gate: Gate, from: readonly string[], senderDomain: string | null = null) {
  const [first = ''] = from
  const facts = { fromDomain: first, fromDomains: from, senderDomain } as unknown as HeaderFacts
  return gate(
    directory,
    { tenant: shop, stream: 'news' as Slug, usualStream: null, credential: null },
    facts,
  )
}

for (const [from, signing] of [
  [['shop.example'], 'shop.example'],
  [['news.shop.example'], 'shop.example'],
  [['a.b.eu.shop.example'], 'eu.shop.example'],
  [['eu.shop.example', 'shop.example'], 'eu.shop.example'],
] as const)
  test(`From ${from.join(' and ')} passes, signed by ${signing}, and comes back to its bounce domain`, () => {
    assert.deepEqual(verdict(submissionGate, from), {
      kind: 'passed',
      signingDomain: signing,
      returnPathDomain: `bounce.${signing}`,
    })
  })

for (const from of [
  ['foreign.example'],
  ['rival.example'],
  ['shop.example', 'rival.example'],
  ['shop.example', 'foreign.example'],
  ['myshop.example'],
  ['example'],
  ['lent.shop.example'],
  [''],
])
  test(`From ${from.join(' and ') || 'nobody'} is refused with 550 5.7.1`, () => {
    const refused = verdict(submissionGate, from)
    assert.equal(refused.kind, 'refused')
    if (refused.kind !== 'refused') return
    assert.equal(`${refused.reply.code} ${refused.reply.enhanced}`, '550 5.7.1')
  })

test('Sender needs the same right as From, and signs nothing', () => {
  const passed = verdict(submissionGate, ['shop.example'], 'eu.shop.example')
  assert.equal(passed.kind === 'passed' && passed.signingDomain, 'shop.example')
  for (const sender of ['foreign.example', 'rival.example', 'lent.shop.example'])
    assert.equal(verdict(submissionGate, ['shop.example'], sender).kind, 'refused', sender)
})

test('Our own reports pass, signed where a domain above our name is set up, and keep the null reverse-path', () => {
  for (const [from, signing] of [
    ['relay.shop.example', 'shop.example'],
    ['relay.elsewhere.example', 'relay.elsewhere.example'],
  ] as const)
    assert.deepEqual(verdict(ownGate, [from]), {
      kind: 'passed',
      signingDomain: signing,
      returnPathDomain: null,
    })
})
