// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { nobody } from './rule-match.ts'
import {
  type Level,
  type Settings,
  type ShapedHost,
  type ShapingRule,
  ShapingRules,
} from './rules.ts'

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

function named(name: string): ShapedHost {
  return { name, addresses: [] }
}

/** What comes out for mail to `hosts`. */
function valueFor(
  rules: readonly ShapingRule[],
  hosts: readonly (string | ShapedHost)[],
  facts: { readonly domainRule?: string; readonly source?: string } = {},
): number | null | undefined {
  const { domainRule = null, source = 'default' } = facts
  const whole = new ShapingRules(connections('default', 10), rules)
  const shaped = hosts.map((host) => (typeof host === 'string' ? named(host) : host))
  return whole.limitsOf({ hosts: shaped, domainRule, source }).settings.connections?.value
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

describe('Rules by the addresses of hosts', () => {
  const wide = rule('provider', { mxRanges: ['192.0.2.0/24', '2001:db8::/32'] }, 5, 'wide')
  const narrow = rule('provider', { mxRanges: ['192.0.2.128/25'] }, 4, 'narrow')
  const suffix = rule('provider', { mxSuffixes: ['.big.example'] }, 3, 'big')
  const at = (...addresses: string[]) => ({ name: 'mx.x.example', addresses })

  it('hit where every address of every first host is in one of the ranges', () => {
    assert.equal(valueFor([wide], [at('192.0.2.1', '192.0.2.255')]), 5)
    assert.equal(valueFor([wide], [at('192.0.2.1', '2001:db8:1::9')]), 5)
    assert.equal(valueFor([wide], [at('192.0.2.1', '198.51.100.1')]), 10)
    assert.equal(valueFor([wide], [at('192.0.2.1', '2001:db9::')]), 10)
    assert.equal(valueFor([wide], [at('192.0.2.1'), at('192.0.3.1')]), 10)
    assert.equal(valueFor([wide], [at()]), 10, 'nothing is known of its addresses')
  })

  it('give a host to the narrowest range, in any order, and to a name before that', () => {
    for (const rules of [
      [wide, narrow, suffix],
      [suffix, narrow, wide],
    ]) {
      assert.equal(valueFor(rules, [at('192.0.2.127')]), 5)
      assert.equal(valueFor(rules, [at('192.0.2.128')]), 4)
      assert.equal(valueFor(rules, [at('192.0.2.128', '192.0.2.127')]), 5)
      const host = { name: 'mx.big.example', addresses: ['192.0.2.128'] }
      assert.equal(valueFor(rules, [host]), 3)
    }
  })

  it('are less than names also among tables of sites, and more than a provider', () => {
    const byName = rule('site', { mxHosts: ['mx.x.example'] }, 2)
    const byRange = rule('site', { mxRanges: ['192.0.2.0/24'] }, 1)
    assert.equal(valueFor([byName, byRange, narrow], [at('192.0.2.200')]), 2)
    assert.equal(valueFor([byRange, narrow], [at('192.0.2.200')]), 1)
  })

  it('are known with warm-ups as without', () => {
    const rules = new ShapingRules({}, [wide]).withWarmUps(new Map())
    assert.equal(rules.hasRanges, true)
    assert.equal(rules.providerOf([at('192.0.2.1')]), 'wide')
    assert.equal(new ShapingRules({}, [suffix]).hasRanges, false)
  })
})

describe('Rules with warm-ups', () => {
  const hosts = [named('mx.mail.example')]
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
      warmUpOf(rules, 'out-1', [named('mx.else.example')]),
    ])
      assert.equal(other, undefined)
  })

  it('do not limit a source that is warm', () => {
    const place = { source: 'out-1', provider: 'mail', startedAt: instant(5) }
    const warm = { ...place, state: 'warm', allowance: null } as const
    assert.equal(warmUpOf(plain.withWarmUps(new Map([['out-1 mail', warm]])), 'out-1'), undefined)
  })
})
