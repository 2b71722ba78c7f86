// SPDX-License-Identifier: Apache-2.0
/**
 * What may be sent to whom: rules as data, and what they come to for one path. Each level is more specific than the one before and wins:
 * default ▸ provider ▸ site ▸ domain ▸ source. A value can be unset, and then there is no such limit.
 */

import { days, type Instant } from '../../base/brand.ts'
import { unreachable } from '../../base/invariant.ts'
import type { RateLimit } from '../../base/quantity.ts'
import type { TlsPolicy } from '../../protocol/tls-policy.ts'
import { type WarmUpAllowance, warmUpKey } from '../../records/warm-up.ts'
import { RangeTable } from './range-table.ts'
import { hitsHosts, type MatchedBy, type SeenHost } from './rule-match.ts'
import type { TimeoutValues } from './timeouts.ts'

/** `null`: unset. */
export interface LimitValues extends TimeoutValues {
  /** At once from one source to one site, and to all sites of the provider together. */
  readonly connections: number | null
  readonly providerConnections: number | null
  /** Of these, so many are not for bulk mail. */
  readonly reservedConnections: number | null
  /** New connections, likewise. */
  readonly connectionRate: RateLimit | null
  readonly providerConnectionRate: RateLimit | null
  /** Transactions, likewise. */
  readonly messageRate: RateLimit | null
  readonly providerMessageRate: RateLimit | null
  /** A day, while a source is warmed up at a provider; of no rules file. A count of 0: nothing goes. */
  readonly warmUp: RateLimit | null
  readonly messagesPerConnection: number | null
  readonly recipientsPerTransaction: number | null
  /** The same for all sources. */
  readonly tls: TlsPolicy | null
}

export type LimitName = keyof LimitValues

export const levels = ['default', 'provider', 'site', 'domain', 'source'] as const
/** More than `hitsHosts` ever gives. */
const LEVEL_STEP = 10_000
export type Level = (typeof levels)[number]

/** Where a value was written. */
export interface Origin {
  readonly level: Level
  readonly file: string
  /** From 1. */
  readonly line: number
}

export interface Setting<Value> {
  readonly value: Value
  readonly origin: Origin
}

/** What one table says; what it does not say is not there. */
export type Settings = { readonly [Name in LimitName]?: Setting<LimitValues[Name]> }

/** One table of a rules file. */
export interface ShapingRule {
  readonly level: Level
  /** Of a provider; `null` for other levels. */
  readonly provider: string | null
  readonly match: MatchedBy
  readonly settings: Settings
}

export interface ShapedHost {
  readonly name: string
  /** All that we can reach; none where they are not known. The same array for as long as they are the same. */
  readonly addresses: readonly string[]
}

/** What is known of a path before anything is sent. */
export interface PathFacts {
  /** The most preferred hosts of the site. */
  readonly hosts: readonly ShapedHost[]
  /** Pattern of the domain rule that made the site one of its own; `null`: none did. */
  readonly domainRule: string | null
  /** `null`: any. */
  readonly source: string | null
}

/** The limits of one path, each with its origin. */
export interface EffectiveLimits {
  readonly provider: string | null
  readonly settings: Settings
  /** Since when its source is warmed up there; `null`: it is not, or is warm. */
  readonly coldSince: Instant | null
}

export class ShapingRules {
  readonly #rules: readonly ShapingRule[]
  readonly #base: Settings
  readonly #warmUps: ReadonlyMap<string, WarmUpAllowance>
  readonly #ranges: RangeTable

  /** `base`: the level `default`. Of rules of one level that hit, the later wins where both are as specific. */
  constructor(
    base: Settings,
    rules: readonly ShapingRule[],
    warmUps: ReadonlyMap<string, WarmUpAllowance> = new Map(),
    ranges = new RangeTable(rules.flatMap(({ match }) => match.mxRanges)),
  ) {
    this.#base = base
    this.#rules = rules
    this.#warmUps = warmUps
    this.#ranges = ranges
  }

  /** The same, while sources have these allowances (by `warmUpKey`). */
  withWarmUps(warmUps: ReadonlyMap<string, WarmUpAllowance>): ShapingRules {
    return new ShapingRules(this.#base, this.#rules, warmUps, this.#ranges)
  }

  get hasWarmUps(): boolean {
    return this.#warmUps.size > 0
  }

  /** Whether some rule knows hosts by their addresses. */
  get hasRanges(): boolean {
    return this.#ranges.size > 0
  }

  get all(): readonly ShapingRule[] {
    return this.#rules
  }

  /** Names, in the order of the rules. */
  get providers(): readonly string[] {
    return [
      ...new Set(
        this.#rules.flatMap(({ level, provider }) =>
          level === 'provider' && provider !== null ? [provider] : [],
        ),
      ),
    ]
  }

  /** Domains that a rule names share neither queue nor connections with others of the same hosts. */
  domainRuleOf(domain: string): string | null {
    let best: string | null = null
    for (const { level, match } of this.#rules)
      if (level === 'domain')
        for (const pattern of match.domains) {
          if (pattern === domain) return pattern
          const isBetter = best === null || pattern.length > best.length
          if (isBetter && isDomainHit(pattern, domain)) best = pattern
        }
    return best
  }

  /** The provider whose patterns hit the hosts, the most specific one; `null`: none does. */
  providerOf(hosts: readonly ShapedHost[]): string | null {
    return this.#providerOf(this.#seen(hosts))
  }

  #seen(hosts: readonly ShapedHost[]): readonly SeenHost[] {
    return hosts.map(({ addresses, name }) => ({ name, ranges: this.#ranges.of(addresses) }))
  }

  #providerOf(hosts: readonly SeenHost[]): string | null {
    let best: { readonly provider: string | null; readonly specificity: number } | null = null
    for (const { level, match, provider } of this.#rules) {
      if (level !== 'provider') continue
      const specificity = hitsHosts(match, hosts)
      if (specificity !== null && (best === null || specificity > best.specificity))
        best = { provider, specificity }
    }
    return best?.provider ?? null
  }

  limitsOf(facts: PathFacts): EffectiveLimits {
    const hosts = this.#seen(facts.hosts)
    const provider = this.#providerOf(hosts)
    const seen = { ...facts, hosts }
    const ordered = this.#rules
      .map((rule, at) => ({ rule, at, rank: rankOf(rule, hosts) }))
      .filter(({ rule }) => isHit(rule, seen, provider))
      .sort((one, other) => one.rank - other.rank || one.at - other.at)
    const settings = Object.assign({}, this.#base, ...ordered.map(({ rule }) => rule.settings))
    const cold = this.#warmUpOf(facts.source, provider)
    if (cold === null) return { provider, settings, coldSince: null }
    const origin = { level: 'source', file: `the warm-up (${cold.state})`, line: 0 } as const
    const value = { count: cold.allowance, per: days(1), burst: 1 }
    const { startedAt: coldSince } = cold
    return { provider, settings: { ...settings, warmUp: { value, origin } }, coldSince }
  }

  /** `null`: it is not being warmed up there. */
  #warmUpOf(source: string | null, provider: string | null) {
    if (source === null || provider === null) return null
    const warmUp = this.#warmUps.get(warmUpKey(source, provider))
    if (warmUp === undefined || warmUp.allowance === null) return null
    return { ...warmUp, allowance: warmUp.allowance }
  }
}

interface SeenPath extends Omit<PathFacts, 'hosts'> {
  readonly hosts: readonly SeenHost[]
}

function isHit(
  { level, match, provider: own }: ShapingRule,
  { domainRule, hosts, source }: SeenPath,
  provider: string | null,
): boolean {
  switch (level) {
    case 'default':
      return true
    case 'provider':
      return own === provider
    case 'site':
      return hitsHosts(match, hosts) !== null
    case 'domain':
      return domainRule !== null && match.domains.includes(domainRule)
    case 'source':
      return source !== null && match.sources.includes(source) && (own === null || own === provider)
    default:
      return unreachable(level)
  }
}

/** What comes later wins: by level; of sites by how well they fit; of sources those for one provider. */
function rankOf({ level, match, provider }: ShapingRule, hosts: readonly SeenHost[]): number {
  const within =
    level === 'site'
      ? (hitsHosts(match, hosts) ?? 0)
      : Number(level === 'source' && provider !== null)
  return levels.indexOf(level) * LEVEL_STEP + within
}

/** `example.net`, `*.example.net` for all below, `*`. */
export function isDomainHit(pattern: string, domain: string): boolean {
  if (pattern === '*') return true
  return pattern.startsWith('*.') ? domain.endsWith(pattern.slice(1)) : domain === pattern
}
