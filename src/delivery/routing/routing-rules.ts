// SPDX-License-Identifier: Apache-2.0
/** What the configuration says about single domains: hosts that their mail goes to, and how their TLS must be. */
import type { Domain } from '../../protocol/mailbox.ts'
import { fixedSiteName, type MxHost, markedSiteName, type SiteName } from '../../protocol/mx.ts'
import type { TlsPolicy } from '../../protocol/tls-policy.ts'
import type { Family } from '../../queue/egress.ts'
import { DomainTable } from './domain-table.ts'
import type { HostAddresses } from './first-hosts.ts'

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
  /** What shaping rules say of TLS with a site; `null`: nothing. */
  readonly shapedTlsOf: (site: ShapedSite) => TlsPolicy | null
  /** Of which addresses shaping rules want to know of a site's hosts; none: they go by names alone. */
  readonly addressFamilies: readonly Family[]
}

/** What shaping rules know a site by. */
export interface ShapedSite {
  readonly hosts: readonly MxHost[]
  readonly addresses: HostAddresses
  readonly domainRule: string | null
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
  readonly addressFamilies: RoutingSettings['addressFamilies']
  readonly #shapedTlsOf: RoutingSettings['shapedTlsOf']

  constructor({ addressFamilies, domainRuleOf, routes, shapedTlsOf, sites, tls }: RoutingSettings) {
    this.addressFamilies = addressFamilies
    this.#shapedTlsOf = shapedTlsOf
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

  /** What `rule` of a domain comes to for its site: where the configuration does not name the domain, shaping rules may. */
  tlsAt({ tls, tlsNames }: TlsRule, site: ShapedSite): TlsRule {
    const isNamed = tls !== this.#usual.tls || tlsNames.length > 0
    return { tls: isNamed ? tls : (this.#shapedTlsOf(site) ?? tls), tlsNames }
  }

  /** Domains with the same hosts and different rules share neither queue nor connection, so they are sites of their own. */
  nameOf(site: SiteName, { tls, tlsNames }: TlsRule, domainRule: string | null): SiteName {
    const isUsual = tls === this.#usual.tls && tlsNames.length === 0
    const marked = isUsual ? site : markedSiteName(site, [tls, ...tlsNames].join(','))
    return domainRule === null ? marked : markedSiteName(marked, domainRule)
  }
}
