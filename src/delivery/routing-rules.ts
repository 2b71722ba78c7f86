// SPDX-License-Identifier: Apache-2.0
/** What the configuration says about single domains: hosts that their mail goes to, and how their TLS must be. */
import type { Domain } from '../protocol/mailbox.ts'
import { fixedSiteName, markedSiteName, type SiteName } from '../protocol/mx.ts'
import type { TlsPolicy } from '../smtp/client-tls.ts'
import { DomainTable } from './domain-table.ts'

/** One `[[route]]`: for smart hosts and tests. */
export interface FixedRoute {
  /** A pattern of `DomainTable`. */
  readonly domain: string
  /** Name or address. */
  readonly host: string
  readonly port: number
}

/** What a site's TLS must be. */
export interface TlsRule {
  readonly tls: TlsPolicy
  /** See `TlsPeer`. */
  readonly tlsNames: readonly string[]
}

/** One `[[site]]`. */
export interface SiteRule extends TlsRule {
  /** A pattern of `DomainTable`. */
  readonly domain: string
}

export interface RoutingSettings {
  readonly routes: readonly FixedRoute[]
  readonly sites: readonly SiteRule[]
  /** Where no rule says otherwise. */
  readonly tls: TlsPolicy
  /** Pattern of the shaping rule that names a domain; `null`: none does. */
  readonly domainRuleOf: (domain: Domain) => string | null
}

export interface FixedSite {
  readonly site: SiteName
  readonly host: string
  readonly port: number
}

export class RoutingRules {
  readonly #routes: DomainTable<FixedSite>
  readonly #sites: DomainTable<SiteRule>
  readonly #usual: TlsRule
  readonly domainRuleOf: RoutingSettings['domainRuleOf']

  constructor({ domainRuleOf, routes, sites, tls }: RoutingSettings) {
    this.domainRuleOf = domainRuleOf
    this.#routes = new DomainTable(
      routes.map(({ domain, host, port }) => [
        domain,
        { site: fixedSiteName(host.toLowerCase(), port), host, port },
      ]),
    )
    this.#sites = new DomainTable(sites.map((rule) => [rule.domain, rule]))
    this.#usual = { tls, tlsNames: [] }
  }

  routeOf(domain: Domain): FixedSite | null {
    return this.#routes.find(domain)
  }

  tlsOf(domain: Domain): TlsRule {
    return this.#sites.find(domain) ?? this.#usual
  }

  /** Domains with the same hosts and different rules share neither queue nor connection, so they are sites of their own. */
  nameOf(site: SiteName, { tls, tlsNames }: TlsRule, domainRule: string | null): SiteName {
    const isUsual = tls === this.#usual.tls && tlsNames.length === 0
    const marked = isUsual ? site : markedSiteName(site, [tls, ...tlsNames].join(','))
    return domainRule === null ? marked : markedSiteName(marked, domainRule)
  }
}
