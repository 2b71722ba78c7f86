// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { nobody } from './rule-match.ts'
import { type Level, type Settings, type ShapingRule, ShapingRules } from './rules.ts'

let line = 0

function connections(level: Level, value: number | null): Settings {
  return { connections: { value, origin: { level, file: 'test.toml', line: ++line } } }
}

function rule(
  level: Level,
  match: Partial<ShapingRule['match']>,
  value: number | null,
  provider: string | null = null,
): ShapingRule {
  const settings = connections(level, value)
  return { level, provider, match: { ...nobody, ...match }, settings }
}

/** What comes out for mail to `hosts`. */
function valueFor(
  rules: readonly ShapingRule[],
  hosts: readonly string[],
  facts: { readonly domainRule?: string; readonly source?: string } = {},
): number | null | undefined {
  const { domainRule = null, source = 'default' } = facts
  const whole = new ShapingRules(connections('default', 10), rules)
  return whole.limitsOf({ hosts, domainRule, source }).settings.connections?.value
}

describe('Shaping rules', () => {
  const big = rule('provider', { mxSuffixes: ['.big.example'] }, 5, 'big')
  const edge = rule('provider', { mxSuffixes: ['.edge.big.example'] }, 4, 'edge')

  it('win over the default by provider, site, domain and source, in this order', () => {
    const host = ['mx1.big.example']
    const rules = [
      rule('source', { sources: ['out-1'] }, 1),
      rule('domain', { domains: ['example.net'] }, 2),
      rule('site', { mxHosts: host }, 3),
      big,
    ]
    assert.equal(valueFor([], host), 10)
    assert.equal(valueFor([big], host), 5)
    assert.equal(valueFor(rules, host), 3)
    assert.equal(valueFor(rules, host, { domainRule: 'example.net' }), 2)
    assert.equal(valueFor(rules, host, { domainRule: 'example.net', source: 'out-1' }), 1)
  })

  it('give a host to the provider with the longest suffix, and only where all first hosts are hit', () => {
    assert.equal(valueFor([big, edge], ['mx.edge.big.example']), 4)
    assert.equal(valueFor([edge, big], ['mx.edge.big.example']), 4)
    assert.equal(valueFor([big], ['mx1.big.example', 'mx.else.example']), 10)
    assert.equal(valueFor([big], ['big.example']), 10, 'a suffix is for what is below it')
  })

  it('let the later table of a provider win key by key, and "unset" take a limit away', () => {
    const own = rule('provider', {}, null, 'big')
    assert.equal(valueFor([big, own], ['mx1.big.example']), null)
    assert.equal(valueFor([own, big], ['mx1.big.example']), 5)
  })

  it('of a source may be for one provider alone', () => {
    const only = rule('source', { sources: ['out-1'] }, 1, 'big')
    assert.equal(valueFor([big, only], ['mx1.big.example'], { source: 'out-1' }), 1)
    assert.equal(valueFor([big, only], ['mx.else.example'], { source: 'out-1' }), 10)
  })

  it('name for a domain the most specific pattern', () => {
    const rules = new ShapingRules({}, [
      rule('domain', { domains: ['*.example.net', 'a.example.net'] }, 2),
    ])
    assert.equal(rules.domainRuleOf('a.example.net'), 'a.example.net')
    assert.equal(rules.domainRuleOf('b.example.net'), '*.example.net')
    assert.equal(rules.domainRuleOf('example.net'), null)
  })
})

describe('Rules with warm-ups', () => {
  const hosts = ['mx.mail.example']
  const plain = new ShapingRules({}, [
    {
      level: 'provider',
      provider: 'mail',
      match: { ...nobody, mxSuffixes: ['.mail.example'] },
      settings: {},
    },
  ])
  const warmUpOf = (rules: ShapingRules, source: string | null, at = hosts) =>
    rules.limitsOf({ hosts: at, domainRule: null, source }).settings.warmUp

  it('limit a source at a provider to its allowance, and say which state it comes from', () => {
    const allowance = {
      source: 'out-1',
      provider: 'mail',
      state: 'holding',
      allowance: 2_000,
      startedAt: instant(5),
    } as const
    const rules = plain.withWarmUps(new Map([['out-1 mail', allowance]]))
    assert.deepEqual(warmUpOf(rules, 'out-1'), {
      value: { count: 2_000, per: 86_400_000, burst: 1 },
      origin: { level: 'source', file: 'the warm-up (holding)', line: 0 },
    })
    assert.equal(rules.limitsOf({ hosts, domainRule: null, source: 'out-1' }).coldSince, 5)
    for (const other of [
      warmUpOf(rules, 'out-2'),
      warmUpOf(rules, null),
      warmUpOf(rules, 'out-1', ['mx.else.example']),
    ])
      assert.equal(other, undefined)
  })

  it('do not limit a source that is warm', () => {
    const place = { source: 'out-1', provider: 'mail', startedAt: instant(5) }
    const warm = { ...place, state: 'warm', allowance: null } as const
    assert.equal(warmUpOf(plain.withWarmUps(new Map([['out-1 mail', warm]])), 'out-1'), undefined)
  })
})
