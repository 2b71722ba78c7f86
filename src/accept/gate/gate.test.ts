// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleDomain } from '../../../test/support/sample-domains.ts'
import { instant } from '../../base/brand.ts'
import type { HeaderFacts } from '../../content/header-facts.ts'
import type { Directory } from '../../records/directory.ts'
import type { SendingDomain, Slug, Stream } from '../../records/records.ts'
import { type Gate, ownGate, submissionGate } from './gate.ts'

const shop = 'shop' as Slug
const rival = 'rival' as Slug

const directory = directoryOf([
  sampleDomain('shop.example', { tenant: shop }),
  sampleDomain('eu.shop.example', { tenant: shop }),
  sampleDomain('rival.example', { tenant: rival }),
  sampleDomain('lent.shop.example', { tenant: rival, state: 'verified' }),
])

function directoryOf(all: readonly SendingDomain[]): Directory {
  const byName = (some: readonly SendingDomain[]) => new Map(some.map((one) => [one.name, one]))
  return {
    domains: byName(all),
    verifiedDomains: byName(all.filter(({ state }) => state === 'verified')),
    domainsOf: (tenant: Slug) => byName(all.filter((one) => one.tenant === tenant)),
  } as unknown as Directory
}

function verdict(
  gate: Gate,
  from: readonly string[],
  senderDomain: string | null = null,
  records = directory,
) {
  const [first = ''] = from
  const facts = { fromDomain: first, fromDomains: from, senderDomain } as unknown as HeaderFacts
  const passed = gate(
    records,
    { tenant: shop, stream: 'news' as Slug, usualStream: null, credential: null, isSandbox: false },
    { stream: { gate: 'off' } as Stream, facts, header: [], size: 0, goesAt: instant(0) },
  )
  return passed.kind === 'refused'
    ? passed
    : { ...passed, signingDomain: passed.signingDomain?.name ?? null }
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
      warning: null,
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

const SHOP = { tenant: shop } as const
for (const [what, domains, signing] of [
  [
    'under a verified domain goes out as that one does until its own is verified',
    [
      sampleDomain('shop.example', { ...SHOP, state: 'verified' }),
      sampleDomain('eu.shop.example', SHOP),
    ],
    'shop.example',
  ],
  [
    'that is failing goes out as before',
    [sampleDomain('eu.shop.example', { ...SHOP, state: 'failing' })],
    'eu.shop.example',
  ],
  [
    'that another tenant has set up too, and not verified either, goes out',
    [sampleDomain('eu.shop.example', SHOP), sampleDomain('eu.shop.example', { tenant: rival })],
    'eu.shop.example',
  ],
  [
    'that another tenant has verified is refused',
    [
      sampleDomain('eu.shop.example', SHOP),
      sampleDomain('eu.shop.example', { tenant: rival, state: 'verified' }),
    ],
    null,
  ],
  [
    'under what another tenant has verified is refused until it is verified itself',
    [
      sampleDomain('eu.shop.example', SHOP),
      sampleDomain('shop.example', { tenant: rival, state: 'verified' }),
    ],
    null,
  ],
  [
    'that is verified goes out, whoever has what is above it',
    [
      sampleDomain('eu.shop.example', { ...SHOP, state: 'verified' }),
      sampleDomain('shop.example', { tenant: rival, state: 'verified' }),
    ],
    'eu.shop.example',
  ],
] as const)
  test(`A From domain ${what}`, () => {
    const given = verdict(submissionGate, ['eu.shop.example'], null, directoryOf(domains))
    assert.equal(given.kind === 'passed' ? given.signingDomain : null, signing)
  })

test('Our own reports pass, signed where a domain above our name is set up, and keep the null reverse-path', () => {
  for (const [from, signing] of [
    ['relay.shop.example', 'shop.example'],
    ['relay.elsewhere.example', null],
  ] as const)
    assert.deepEqual(verdict(ownGate, [from]), {
      kind: 'passed',
      signingDomain: signing,
      returnPathDomain: null,
      warning: null,
    })
})
