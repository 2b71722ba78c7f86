// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type PoolRule, PoolRules, type RuledMail, whoseInWords } from './pool-rules.ts'

const bare = { tenants: [], streams: [], campaigns: [], domains: [], providers: [] }
const mail = { tenant: 'shop', stream: 'bulk', campaign: null, domain: 'example.net' }
const google = { name: 'google' }

function chosen(rules: readonly Partial<PoolRule>[], more: Partial<RuledMail> = {}) {
  const whole = new PoolRules(rules.map((rule, at) => ({ ...bare, pool: `${at}`, ...rule })))
  const rule = whole.choose({ ...mail, provider: google, ...more })
  return rule === null || rule === 'unknown' ? rule : rule.pool
}

describe('Rules that choose a pool', () => {
  it('mean mail that fits every list of theirs, and of a list one name is enough', () => {
    assert.equal(chosen([{ tenants: ['bank', 'shop'] }]), '0')
    assert.equal(chosen([{ tenants: ['bank'] }]), null)
    assert.equal(chosen([{ tenants: ['shop'], streams: ['receipts'] }]), null)
    assert.equal(chosen([{ tenants: ['shop'], streams: ['bulk'] }]), '0')
  })

  it('are tried in their order', () => {
    assert.equal(
      chosen([{ streams: ['receipts'] }, { streams: ['bulk'] }, { tenants: ['shop'] }]),
      '1',
    )
  })

  it('know campaigns by name or pattern, and mail without one by none of them', () => {
    assert.equal(chosen([{ campaigns: ['spring*'] }], { campaign: 'spring.27' }), '0')
    assert.equal(chosen([{ campaigns: ['spring.27'] }], { campaign: 'spring-27' }), null)
    assert.equal(chosen([{ campaigns: ['*'] }], { campaign: 'any' }), '0')
    assert.equal(chosen([{ campaigns: ['*'] }]), null)
  })

  it('know domains as routes do', () => {
    const below = [{ domains: ['*.example.net'] }]
    assert.equal(chosen(below), null)
    assert.equal(chosen(below, { domain: 'mx.example.net' }), '0')
    assert.equal(chosen([{ domains: ['example.net'] }]), '0')
  })

  it('for a provider wait until that is known, unless something else rules them out', () => {
    const rules = [{ providers: ['google'], streams: ['bulk'] }, { tenants: ['shop'] }]
    assert.equal(chosen(rules), '0')
    assert.equal(chosen(rules, { provider: { name: null } }), '1')
    assert.equal(chosen(rules, { provider: 'unknown' }), 'unknown')
    assert.equal(chosen(rules, { provider: 'unknown', stream: 'receipts' }), '1')
  })

  it('are named for a recipient with their place in the file, and by whose mail they mean', () => {
    const rules = new PoolRules([
      { ...bare, pool: 'a', domains: ['example.org'] },
      { ...bare, pool: 'b', providers: ['google'], campaigns: ['spring*'], tenants: ['shop'] },
      { ...bare, pool: 'c', domains: ['example.net'] },
      { ...bare, pool: 'd', tenants: ['shop'] },
    ])
    const found = rules.toRecipient('example.net', 'google')
    assert.deepEqual(
      found.map(({ place, rule }) => `${place} ${rule.pool} ${whoseInWords(rule)}`),
      ['2 b campaign spring* of tenant shop', '3 c all mail'],
    )
  })
})
