// SPDX-License-Identifier: Apache-2.0
/** Rules that say by which pool mail goes, whatever its stream and its tenant would have it. The first that means it counts. */
import { anyGlob, type Glob, globOf } from '../base/glob.ts'
import { isDomainHit } from './shaping/rules.ts'

/** Each list that is not empty must fit; at least one is not. */
export interface PoolRule {
  readonly pool: string
  readonly tenants: readonly string[]
  readonly streams: readonly string[]
  /** Names, in which `*` stands for any characters. */
  readonly campaigns: readonly string[]
  /** Of recipients: `example.org`; `*.example.org`, all below it; `*`. */
  readonly domains: readonly string[]
  /** As the shaping rules name them. */
  readonly providers: readonly string[]
}

/** What a rule looks at. */
export interface RuledMail {
  readonly tenant: string
  readonly stream: string
  readonly campaign: string | null
  readonly domain: string
  /** `name` of `null`: one that no rule names. `unknown`: its domain has to be looked up first. */
  readonly provider: Provider
}

export interface RoutedMail extends RuledMail {
  readonly provider: Exclude<Provider, 'unknown'>
}

export type Provider = { readonly name: string | null } | 'unknown'

interface Compiled {
  readonly rule: PoolRule
  readonly campaigns: readonly Glob[]
}

export class PoolRules {
  readonly list: readonly PoolRule[]
  readonly asksForProviders: boolean
  readonly #compiled: readonly Compiled[]

  constructor(rules: readonly PoolRule[]) {
    this.list = rules
    this.asksForProviders = rules.some(({ providers }) => providers.length > 0)
    this.#compiled = rules.map((rule) => ({ rule, campaigns: rule.campaigns.map(globOf) }))
  }

  /** `unknown`: that hangs on a provider which is not known yet. `null`: none means it. */
  choose(mail: RoutedMail): PoolRule | null
  choose(mail: RuledMail): PoolRule | 'unknown' | null
  choose({ campaign, domain, provider, stream, tenant }: RuledMail): PoolRule | 'unknown' | null {
    for (const { campaigns, rule } of this.#compiled) {
      const isMeant =
        isIn(rule.tenants, tenant) &&
        isIn(rule.streams, stream) &&
        (campaigns.length === 0 || (campaign !== null && anyGlob(campaigns, campaign))) &&
        fitsDomain(rule, domain)
      if (!isMeant) continue
      if (rule.providers.length === 0) return rule
      if (provider === 'unknown') return 'unknown'
      if (fitsProvider(rule, provider.name)) return rule
    }
    return null
  }

  /** Those that some mail of a stream may go by. */
  ofStream(tenant: string, stream: string): readonly PoolRule[] {
    return this.list.filter(
      ({ streams, tenants }) => isIn(tenants, tenant) && isIn(streams, stream),
    )
  }

  /** Those that some mail to a recipient may go by, with their places in the file, from 1; up to one that means all of it. */
  toRecipient(
    domain: string,
    provider: string | null,
  ): readonly { readonly rule: PoolRule; readonly place: number }[] {
    const fitting = this.list.flatMap((rule, at) =>
      fitsDomain(rule, domain) && fitsProvider(rule, provider) ? [{ rule, place: at + 1 }] : [],
    )
    const last = fitting.findIndex(({ rule }) => isOfAll(rule))
    return last === -1 ? fitting : fitting.slice(0, last + 1)
  }
}

/** Whose mail it means, beside where that goes: `campaign spring* of tenant shop`; `all mail`. */
export function whoseInWords(rule: PoolRule): string {
  if (isOfAll(rule)) return 'all mail'
  const { campaigns, streams, tenants } = rule
  return [
    ...(campaigns.length > 0 ? [`campaign ${campaigns.join(' or ')}`] : []),
    ...(streams.length > 0 ? [`stream ${streams.join(' or ')}`] : []),
    ...(tenants.length > 0 ? [`tenant ${tenants.join(' or ')}`] : []),
  ].join(' of ')
}

function isOfAll({ campaigns, streams, tenants }: PoolRule): boolean {
  return campaigns.length + streams.length + tenants.length === 0
}

function fitsDomain({ domains }: PoolRule, domain: string): boolean {
  return domains.length === 0 || domains.some((pattern) => isDomainHit(pattern, domain))
}

function fitsProvider({ providers }: PoolRule, provider: string | null): boolean {
  return providers.length === 0 || (provider !== null && providers.includes(provider))
}

function isIn(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name)
}
